package io.shusuan.scheduler.sharing;

import java.time.Duration;

/**
 * What a queue does about jobs whose GPUs all do nothing.
 *
 * @param after how long they may do so
 * @param grace how long after the warning a job is stopped
 */
public record IdlePolicy(Action action, Duration after, Duration grace) {

    public static final Duration LEAST_AFTER = Duration.ofMinutes(1);
    public static final Duration MOST_AFTER = Duration.ofDays(30);
    public static final Duration MOST_GRACE = Duration.ofDays(1);
    public static final Duration USUAL_AFTER = Duration.ofMinutes(30);
    public static final Duration USUAL_GRACE = Duration.ofMinutes(15);

    public static final IdlePolicy NONE = new IdlePolicy(Action.NONE, USUAL_AFTER, USUAL_GRACE);

    /** Each does what those before it do, too. */
    public enum Action {
        NONE,
        WARN,
        NOTIFY,
        STOP
    }

    public boolean isNone() {
        return action == Action.NONE;
    }

    public boolean notifies() {
        return action == Action.NOTIFY || stops();
    }

    public boolean stops() {
        return action == Action.STOP;
    }
}
