package io.shusuan.scheduler.queue;

import java.time.Duration;

/**
 * What holds for all queues.
 *
 * @param priorityWorth how much longer a job has to have waited to come before one whose priority is higher by one; so no
 *     priority keeps another job waiting for ever
 * @param reservations for how many jobs room is kept free at one time
 * @param evictions how many jobs are evicted in one cycle at most; more only for one job that needs more by itself
 */
public record Rules(Duration priorityWorth, int reservations, int evictions) {

    public static final Rules USUAL = new Rules(Duration.ofMinutes(10), 8, 64);

    public Rules {
        if (priorityWorth.isNegative() || reservations < 0 || evictions < 0) {
            throw new IllegalArgumentException("no rule is less than zero");
        }
    }
}
