package io.shusuan.scheduler.replay;

import io.shusuan.scheduler.queue.Standing;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Why one job was given room in a cycle while another one waited.
 *
 * @param order what the order between the two was; null, where a queue is not there any more
 */
public record Precedence(
        long cycle,
        Instant at,
        Side first,
        Side second,
        @Nullable String order) {

    /**
     * One of the two.
     *
     * @param standing where it stood when the cycle began; null for a job of a queue that is not there any more
     */
    public record Side(CycleJob job, @Nullable Standing standing) {}
}
