package io.shusuan.scheduler.node;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A fault that a node's agent still tells of.
 *
 * @param cordonedAt when the node was cordoned because of it
 */
public record StandingFault(
        long id, String node, GpuFault fault, @Nullable Instant cordonedAt) {}
