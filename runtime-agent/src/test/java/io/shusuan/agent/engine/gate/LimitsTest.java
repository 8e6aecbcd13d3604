package io.shusuan.agent.engine.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What passes the gates and what does not, by its numbers. */
class LimitsTest {
    private static final Limits LIMITS = new Limits(0.01, 0.08, 0.95);

    private static Accuracy accuracy(double mean, TaskAccuracy... task) {
        return new Accuracy(
                100,
                List.of(new OutputError("scores", 2 * mean, mean, 1)),
                List.of(task).stream().findFirst());
    }

    private static Optional<Latency> latency(double before, double after) {
        return Optional.of(new Latency(1, 100, before, after));
    }

    @Test
    void passesWhatIsCloseAndNoSlower() {
        assertThat(LIMITS.failures(accuracy(0.08), latency(1, 1.05))).isEmpty();
        assertThat(LIMITS.failures(accuracy(0), Optional.empty())).isEmpty();
    }

    @Test
    void rejectsWhatIsTooFarOff() {
        assertThat(LIMITS.failures(accuracy(0.081), latency(1, 1)))
                .containsExactly(
                        "accuracy: output 'scores' differs by 0.0810 on the mean, 8.10 % of what it usually is; at most 8.00 % may be");
    }

    @Test
    void rejectsWhatIsSlower() {
        assertThat(LIMITS.failures(accuracy(0), latency(1, 1.1)))
                .containsExactly(
                        "latency: a run takes 1.100 ms where it took 1.000 ms, 0.91 times as fast; at least 0.95 is asked");
    }

    /** Where samples have labels, they say whether it is good enough. */
    @Test
    void labelsDecideWhereThereAreSome() {
        assertThat(LIMITS.failures(accuracy(0.5, new TaskAccuracy(0.97, 0.965)), latency(1, 1)))
                .isEmpty();
        assertThat(LIMITS.failures(accuracy(0, new TaskAccuracy(0.97, 0.95)), latency(1, 1)))
                .containsExactly(
                        "accuracy: 95.00 % of the labelled samples are right where it was 97.00 %, and at most 1.00 % may be lost");
        assertThat(LIMITS.failures(accuracy(0, new TaskAccuracy(0.95, 0.97)), latency(1, 1)))
                .isEmpty();
    }

    @Test
    void whatIsNoNumberPassesNothing() {
        assertThat(LIMITS.failures(accuracy(Double.NaN), latency(1, 1))).hasSize(1);
        assertThat(LIMITS.failures(
                        accuracy(Double.POSITIVE_INFINITY, new TaskAccuracy(0.97, 0.97)), latency(1, Double.NaN)))
                .hasSize(2);
    }
}
