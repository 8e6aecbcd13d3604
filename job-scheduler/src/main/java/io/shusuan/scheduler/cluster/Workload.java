package io.shusuan.scheduler.cluster;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Placed;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.spec.JobSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A job that has been admitted, or that another scheduler of the cluster shall admit, as a cluster needs to know it.
 *
 * @param run one more each time that the job was evicted, from 1: tasks of former runs are over, and not those that are meant
 * @param grace what a {@link Cluster#stop} will give its tasks at most
 * @param artifactSources mount name → the job whose artifacts the mount shows
 * @param extraEnv variables the platform gives every task beside those of the spec and of the conventions
 * @param placement the nodes that the queue has chosen for the tasks; empty for whichever the cluster takes
 * @param delegate the scheduler that shall admit it; nobody, if it is admitted
 */
public record Workload(
        JobId job,
        int run,
        Duration grace,
        JobSpec spec,
        String owner,
        Map<String, JobId> artifactSources,
        Map<String, String> extraEnv,
        List<Placed> placement,
        @Nullable Delegate delegate) {

    public Workload {
        artifactSources = Map.copyOf(artifactSources);
        extraEnv = Map.copyOf(extraEnv);
        placement = List.copyOf(placement);
    }

    /** The nodes that tasks of this role are meant for, and how many of them each. */
    public SortedMap<String, Integer> tasksByNode(String role) {
        return placement.stream()
                .filter(placed -> placed.role().equals(role))
                .collect(Collectors.toMap(Placed::node, Placed::tasks, Integer::sum, TreeMap::new));
    }
}
