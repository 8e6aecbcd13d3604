package io.shusuan.scheduler.spec;

/**
 * How near to each other the tasks of a job have to run.
 *
 * @param level of what one shall hold them all: a level that the cluster's settings name, or {@code node}
 * @param required whether the job rather waits than runs spread further
 */
public record Topology(String level, boolean required) {}
