package io.shusuan.scheduler.sharing;

import static io.shusuan.scheduler.sharing.QueueMaker.queue;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.Balances.Balance;
import io.shusuan.scheduler.sharing.Uses.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BalancesTest {

    private static final FlavourName PLAIN = FlavourName.DEFAULT;

    private static CohortSettings cohort(String name, @Nullable String parent, Quota... own) {
        return new CohortSettings(
                new CohortName(name), parent == null ? null : new CohortName(parent), 1, List.of(own));
    }

    private static Quota gpus(long owned) {
        return Quota.of(PLAIN, Limits.gpus(owned));
    }

    private static Use use(String queue, int gpus) {
        return new Use(new QueueName(queue), PLAIN, new Resources(0, 0, gpus));
    }

    private static Balances balances(List<CohortSettings> cohorts, List<QueueSettings> queues, Use... uses) {
        return new Uses(List.of(uses)).balances(new Sharing(List.of(new Flavour(PLAIN, Map.of())), cohorts, queues));
    }

    private static Balance of(Balances balances, String queue) {
        return balances.of(new QueueName(queue), PLAIN, Resource.GPU);
    }

    @Test
    void whatIsBorrowedIsLentByThoseWhoLeaveSomething() {
        var balances = balances(
                List.of(cohort("all", null)),
                List.of(
                        queue("a-vision").in("all").owning(gpus(4)).make(),
                        queue("b-speech").in("all").owning(gpus(8)).make(),
                        queue("c-text").in("all").owning(gpus(4)).make(),
                        queue("d-keeps")
                                .in("all")
                                .owning(new Quota(PLAIN, Limits.gpus(6), Limits.gpus(1), Limits.gpus(0)))
                                .make()),
                use("a-vision", 8),
                use("b-speech", 2),
                use("c-text", 2));
        assertThat(of(balances, "a-vision")).isEqualTo(new Balance(0, 16));
        assertThat(of(balances, "b-speech")).isEqualTo(new Balance(3, 16));
        assertThat(of(balances, "c-text")).isEqualTo(new Balance(1, 16));
        assertThat(of(balances, "d-keeps")).isEqualTo(new Balance(0, 7));
    }

    @Test
    void whatTheCohortHasItselfIsTakenFirstAndThenWhatOtherCohortsLeave() {
        var cohorts = List.of(cohort("top", null, gpus(2)), cohort("left", "top"), cohort("right", "top"));
        var queues = List.of(
                queue("hungry").in("left").owning(gpus(1)).make(),
                queue("calm").in("right").owning(gpus(4)).make(),
                queue("away").in("right").owning(gpus(4)).make());
        var little = balances(cohorts, queues, use("hungry", 3), use("calm", 1));
        assertThat(of(little, "calm").lent()).isZero();
        assertThat(of(little, "hungry").most()).isEqualTo(11);
        var much = balances(cohorts, queues, use("hungry", 8), use("calm", 1));
        assertThat(of(much, "calm").lent() + of(much, "away").lent()).isEqualTo(5);
        assertThat(much.of(new CohortName("right"), PLAIN, Resource.GPU).lent()).isEqualTo(5);
        assertThat(much.of(new CohortName("left"), PLAIN, Resource.GPU)).isEqualTo(new Balance(0, 11));
    }

    @Test
    void whoOwnsAllThatThereIsHasNoLimit() {
        var balances = balances(List.of(), List.of(queue("free").make()), use("free", 3));
        assertThat(of(balances, "free")).isEqualTo(new Balance(0, Limits.UNLIMITED));
    }

    @Test
    void nothingIsLentThatNobodyBorrowsAndNothingTwice() {
        var random = new Random(5);
        for (var round = 0; round < 500; round++) {
            var queues = new ArrayList<QueueSettings>();
            var uses = new ArrayList<Use>();
            var left = 0L;
            var owned = new ArrayList<Integer>();
            for (var i = 0; i < 6; i++) {
                owned.add(random.nextInt(9));
                left += owned.get(i);
                queues.add(queue("q" + i)
                        .in(i < 3 ? "inner" : "outer")
                        .owning(gpus(owned.get(i)))
                        .make());
            }
            var borrowed = 0L;
            for (var i = 0; i < 6; i++) {
                var used = random.nextInt((int) left + 1) * random.nextInt(2);
                left -= used;
                borrowed += Math.max(0, used - owned.get(i));
                uses.add(use("q" + i, used));
            }
            var balances = balances(
                    List.of(cohort("outer", null), cohort("inner", "outer")), queues, uses.toArray(Use[]::new));
            var lent = 0L;
            for (var i = 0; i < 6; i++) {
                var mine = of(balances, "q" + i).lent();
                assertThat(mine)
                        .isBetween(
                                0L,
                                Math.max(0L, owned.get(i) - uses.get(i).amount().gpus()));
                lent += mine;
            }
            assertThat(lent).as("round %d", round).isEqualTo(borrowed);
        }
    }
}
