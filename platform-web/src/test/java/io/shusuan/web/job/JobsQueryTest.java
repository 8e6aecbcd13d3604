package io.shusuan.web.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobState;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobsQueryTest {

    private static final JobId ONE = id(1);
    private static final JobId TWO = id(2);

    @Test
    void whatMakesNoSenseIsAsIfItWereNotThere() {
        var query = new JobsQuery("nonsense", "", "  ", null, null, "no-id", null);

        assertThat(query.filter().states()).isEmpty();
        assertThat(query.filter().kind()).isNull();
        assertThat(query.filter().owner()).isNull();
        assertThat(query.cursor()).isEmpty();
    }

    @Test
    void groupsOfStatesAreUnderstood() {
        assertThat(query("active", null, null).filter().states()).isEqualTo(JobState.ACTIVE);
        assertThat(query("ended", null, null).filter().states())
                .containsExactlyInAnyOrder(JobState.SUCCEEDED, JobState.FAILED, JobState.STOPPED);
        assertThat(new JobsQuery("failed", "training", null, null, null, null, null)
                        .filter()
                        .kind())
                .isEqualTo(JobKind.TRAINING);
    }

    @Test
    void theWayBackIsTheWayOne() {
        var first = query("active", null, null);
        assertThat(first.older(ONE)).isEqualTo("/jobs?state=active&before=" + ONE);

        var second = query("active", ONE.toString(), null);
        assertThat(second.newer()).isEqualTo("/jobs?state=active");
        assertThat(second.older(TWO)).isEqualTo("/jobs?state=active&before=" + TWO + "&trail=" + ONE);

        var third = query("active", TWO.toString(), ONE.toString());
        assertThat(third.newer()).isEqualTo("/jobs?state=active&before=" + ONE);
    }

    @Test
    void whatPeopleTypeStaysOneValue() {
        var typed = new JobsQuery(null, null, null, null, "a&b={x} 岛", null, null);
        assertThat(typed.live(List.of())).isEqualTo("/jobs/live?text=a%26b%3D%7Bx%7D%20%E5%B2%9B&rows=");
    }

    @Test
    void aStreamKnowsTheRowsOfItsPage() {
        var address = query(null, null, null).live(List.of(TWO, ONE));

        assertThat(address).isEqualTo("/jobs/live?rows=" + TWO + "." + ONE);
        assertThat(JobsQuery.rows(TWO + "." + ONE + ".garbage", 50)).containsExactly(TWO, ONE);
        assertThat(JobsQuery.rows(TWO + "." + ONE, 1)).containsExactly(TWO);
        assertThat(JobsQuery.rows("", 50)).isEmpty();
    }

    private static JobsQuery query(@Nullable String state, @Nullable String before, @Nullable String trail) {
        return new JobsQuery(state, null, null, null, null, before, trail);
    }

    private static JobId id(int number) {
        return new JobId(new UUID(0x7000, number));
    }
}
