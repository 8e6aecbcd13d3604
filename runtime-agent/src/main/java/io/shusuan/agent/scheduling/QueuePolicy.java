package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.proto.ModelQueuePolicy;
import io.shusuan.agent.config.proto.ModelQueuePolicy.TimeoutAction;
import io.shusuan.agent.inference.RequestParameters;
import java.util.concurrent.TimeUnit;

/** How long requests of one level may wait, what becomes of those that waited longer, and how many may wait (0: no limit). */
record QueuePolicy(boolean delaysLate, long timeoutMicros, boolean callersMayShorten, long maxRequests) {

    static QueuePolicy of(ModelQueuePolicy policy) {
        return new QueuePolicy(
                policy.getTimeoutAction() == TimeoutAction.DELAY,
                policy.getDefaultTimeoutMicroseconds(),
                policy.getAllowTimeoutOverride(),
                Integer.toUnsignedLong(policy.getMaxQueueSize()));
    }

    boolean hasDeadlines() {
        return timeoutMicros != 0 || callersMayShorten;
    }

    /** When a request that arrives now is late; 0 for never. A caller may shorten the time, never lengthen it. */
    long deadline(RequestParameters asked, long now) {
        long micros = timeoutMicros;
        if (callersMayShorten && asked.timeoutMicros() != 0) {
            micros = micros == 0 ? asked.timeoutMicros() : Math.min(micros, asked.timeoutMicros());
        }
        if (micros == 0) {
            return 0;
        }
        long deadline = now + TimeUnit.MICROSECONDS.toNanos(Math.min(micros, TimeUnit.DAYS.toMicros(365)));
        return deadline == 0 ? 1 : deadline;
    }
}
