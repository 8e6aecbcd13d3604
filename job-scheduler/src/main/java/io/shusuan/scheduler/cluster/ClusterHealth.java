package io.shusuan.scheduler.cluster;

import java.time.Instant;

/** Whether a cluster answers. */
public sealed interface ClusterHealth {

    record Reachable(String description) implements ClusterHealth {}

    record Unreachable(Instant since, String why) implements ClusterHealth {}
}
