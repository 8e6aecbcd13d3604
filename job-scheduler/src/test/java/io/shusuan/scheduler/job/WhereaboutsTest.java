package io.shusuan.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.Observation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WhereaboutsTest {

    private static final List<Placed> MEANT =
            List.of(new Placed("main", "fast", "a", 2), new Placed("main", "fast", "b", 1));

    /** One task after the other on these nodes; of the others nothing is known yet. */
    private static Observation on(String... nodes) {
        var attempts = new ArrayList<Attempt>();
        for (var index = 0; index < nodes.length; index++) {
            attempts.add(new Attempt(
                    "uid" + index,
                    "main",
                    index,
                    1,
                    1,
                    Phase.RUNNING,
                    true,
                    nodes[index],
                    List.of(),
                    null,
                    null,
                    null,
                    null,
                    null));
        }
        return new Observation(attempts, List.of());
    }

    @Test
    void whatIsWhereItWasMeantToBeStaysAsItWas() {
        assertThat(Whereabouts.seen(MEANT, on("a", "b", "a"))).isEqualTo(MEANT);
        assertThat(Whereabouts.seen(MEANT, on("b"))).isEqualTo(MEANT);
        assertThat(Whereabouts.seen(MEANT, on())).isEqualTo(MEANT);
    }

    @Test
    void whatIsElsewhereIsCountedThereAndTheRestWhereThereIsRoomForIt() {
        assertThat(Whereabouts.seen(MEANT, on("b", "b")))
                .containsExactly(new Placed("main", "fast", "b", 2), new Placed("main", "fast", "a", 1));
        assertThat(Whereabouts.seen(MEANT, on("c", "a", "b")))
                .containsExactly(
                        new Placed("main", "fast", "a", 1),
                        new Placed("main", "fast", "b", 1),
                        new Placed("main", "fast", "c", 1));
        assertThat(Whereabouts.seen(List.of(), on("c"))).isEmpty();
    }
}
