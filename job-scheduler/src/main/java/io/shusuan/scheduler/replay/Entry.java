package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Node;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One cycle as it is stored: all of it, or what differs from the one stored before.
 *
 * @param whole whether it stands by itself
 * @param site null where the nodes are those of the entry before; likewise the cohorts and recent
 * @param running who runs since then, or otherwise than then
 * @param waiting likewise
 * @param gone who neither runs nor waits any more
 * @param names of the jobs that were not there before
 * @param decided whom it had run, or leave
 * @param waits a fingerprint of why the others wait
 */
record Entry(
        boolean whole,
        Moment time,
        @Nullable Nodes site,
        @Nullable Cohort cohorts,
        @Nullable Map<QueueName, Limits> recent,
        Rules rules,
        List<Running> running,
        List<Waiting> waiting,
        List<JobId> gone,
        Map<JobId, String> names,
        List<Decision> decided,
        long waits) {

    /** The nodes of a site, as they stand in its levels. */
    record Nodes(List<String> levels, List<Node> nodes) {}
}
