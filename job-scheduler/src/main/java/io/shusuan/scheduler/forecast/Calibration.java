package io.shusuan.scheduler.forecast;

import io.shusuan.scheduler.queue.Moment;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * How wrong former estimates were, to make the next ones as wide as it takes: however the guesses are biased, what four of five of
 * the last would have needed is told.
 */
public final class Calibration {

    public static final Calibration NONE = new Calibration(List.of());

    /** Fewer say little about how wide a range has to be. */
    private static final int ENOUGH = 20;

    /** An error of a minute matters to nobody. */
    private static final Duration SLACK = Duration.ofMinutes(1);

    private static final double OUTSIDE = 0.1;

    private final double[] ratios;

    /** @param ratios of each former estimate, by {@link #ratio} */
    public Calibration(Collection<Double> ratios) {
        this.ratios = ratios.stream().mapToDouble(each -> each).sorted().toArray();
    }

    /** How many times as long as expected a job has waited since it was told. */
    public static double ratio(Duration expected, Duration waited) {
        return (double) waited.plus(SLACK).toMillis() / expected.plus(SLACK).toMillis();
    }

    public Estimate apply(Estimate estimate, Moment now) {
        var expected = estimate.expected();
        if (ratios.length < ENOUGH || expected == null) {
            return estimate;
        }
        var wait = expected.since(now);
        var outside = (int) (ratios.length * OUTSIDE);
        return new Estimate(
                now.plus(times(wait, ratios[outside])),
                expected,
                now.plus(times(wait, ratios[ratios.length - 1 - outside])));
    }

    private static Duration times(Duration wait, double ratio) {
        var millis = Math.round(wait.plus(SLACK).toMillis() * ratio) - SLACK.toMillis();
        return Duration.ofMillis(Math.max(0, millis));
    }
}
