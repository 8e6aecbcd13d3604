package io.shusuan.scheduler.sharing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.sharing.Uses.Use;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SharingTest {

    private static final FlavourName H100 = new FlavourName("h100");
    private static final FlavourName SPOT = new FlavourName("h100-spot");
    private static final List<Flavour> FLAVOURS = List.of(
            new Flavour(FlavourName.DEFAULT, Map.of()),
            new Flavour(SPOT, Map.of("gpu", "h100", "spot", "true")),
            new Flavour(H100, Map.of("gpu", "h100")));

    private static QueueSettings queue(String name, @Nullable String cohort, Quota... quotas) {
        return QueueMaker.queue(name).in(cohort).owning(quotas).make();
    }

    private static CohortSettings cohort(String name, @Nullable String parent) {
        return new CohortSettings(new CohortName(name), parent == null ? null : new CohortName(parent), 1, List.of());
    }

    private static Uses uses(String queue, FlavourName flavour, int gpus) {
        return new Uses(List.of(new Use(new QueueName(queue), flavour, new Resources(0, 0, gpus))));
    }

    @Test
    void aNodeIsOfTheFlavourThatNamesMostOfItsLabels() {
        var sharing = new Sharing(FLAVOURS, List.of(), List.of());
        assertThat(sharing.flavourOf(Map.of("gpu", "h100", "zone", "a"))).contains(H100);
        assertThat(sharing.flavourOf(Map.of("gpu", "h100", "spot", "true"))).contains(SPOT);
        assertThat(sharing.flavourOf(Map.of("gpu", "a100", "spot", "true"))).contains(FlavourName.DEFAULT);
    }

    @Test
    void aNodeThatNoFlavourNamesTakesNoWork() {
        var sharing = new Sharing(List.of(new Flavour(H100, Map.of("gpu", "h100"))), List.of(), List.of());
        assertThat(sharing.flavourOf(Map.of())).isEmpty();
    }

    @Test
    void noCohortIsInItself() {
        var sharing = new Sharing(FLAVOURS, List.of(cohort("a", null), cohort("b", "a"), cohort("c", "b")), List.of());
        assertThatCode(sharing::check).doesNotThrowAnyException();
        assertThatThrownBy(() -> sharing.with(cohort("a", "c")).check())
                .isInstanceOfSatisfying(
                        SharingRefusedException.class,
                        refused -> assertThat(refused.reason()).isEqualTo(SharingRefusedException.Cause.COHORT_CYCLE))
                .hasMessageContaining("a in c in b in a");
        assertThatThrownBy(() -> sharing.with(cohort("a", "a")).check()).hasMessageContaining("a in a");
    }

    @Test
    void whatIsNamedHasToBeThere() {
        var sharing = new Sharing(FLAVOURS, List.of(cohort("a", null)), List.of());
        assertThatThrownBy(() -> sharing.with(queue("q", "b")).check())
                .hasMessage("there is no cohort 'b'; there are a");
        assertThatThrownBy(() -> sharing.with(queue("q", "a", Quota.of(new FlavourName("h200"), Limits.gpus(1))))
                        .check())
                .hasMessage("there is no flavour 'h200'; there are default, h100, h100-spot");
    }

    @Test
    void tellsWhoWouldUseMoreThanItCouldHave() {
        var sharing = new Sharing(
                FLAVOURS,
                List.of(cohort("a", null)),
                List.of(
                        queue("vision", "a", Quota.of(H100, Limits.gpus(4))),
                        queue("speech", "a", Quota.of(H100, Limits.gpus(4)))));
        var uses = uses("vision", H100, 6);
        assertThat(uses.beyond(sharing)).isEmpty(); // it borrows
        assertThat(uses.beyond(sharing.with(queue("speech", null, Quota.of(H100, Limits.gpus(4))))))
                .containsExactly("queue vision uses 6 GPU of flavour h100 and could have 4");
        assertThat(uses.beyond(sharing.with(queue("vision", "a")))).isEmpty(); // without quotas it may use all
    }

    @Test
    void whatIsInNoCohortLendsNothing() {
        var sharing = new Sharing(
                FLAVOURS,
                List.of(cohort("a", null), cohort("b", null)),
                List.of(
                        queue("vision", "a", Quota.of(H100, Limits.gpus(4))),
                        queue("speech", "b", Quota.of(H100, Limits.gpus(4))),
                        queue("free", null)));
        assertThat(uses("vision", H100, 5).beyond(sharing))
                .containsExactly("queue vision uses 5 GPU of flavour h100 and could have 4");
        assertThat(uses("free", H100, 500).beyond(sharing)).isEmpty();
    }
}
