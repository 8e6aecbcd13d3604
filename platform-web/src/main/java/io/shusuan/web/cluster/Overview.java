package io.shusuan.web.cluster;

import io.shusuan.db.job.JobState;
import io.shusuan.db.job.JobSummary;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.web.agent.AgentView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the first page tells. */
record Overview(ClusterView cluster, List<Count> counts, List<JobSummary> recent, List<AgentView> agents) {

    /**
     * The cluster.
     *
     * @param trouble why it cannot be asked, if it cannot; there are no bars then
     */
    record ClusterView(
            String name,
            @Nullable String description,
            @Nullable String trouble,
            @Nullable Instant troubleSince,
            int nodes,
            List<Bar> bars) {}

    /** How many jobs are in a state. */
    record Count(JobState state, long jobs) {}

    static List<Bar> bars(Capacity capacity, Resources held) {
        var all = capacity.allocatable();
        var others = capacity.usedByOthers();
        return List.of(
                new Bar("resource.gpu", held.gpus(), others.gpus(), all.gpus(), Bar.Unit.WHOLE),
                new Bar("resource.cpu", held.milliCpus(), others.milliCpus(), all.milliCpus(), Bar.Unit.MILLI),
                new Bar("resource.memory", held.memoryMiB(), others.memoryMiB(), all.memoryMiB(), Bar.Unit.MEBI));
    }
}
