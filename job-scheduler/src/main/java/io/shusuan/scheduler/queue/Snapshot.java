package io.shusuan.scheduler.queue;

import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import java.util.List;
import java.util.Map;

/**
 * What decisions are made from, cut off from everything that goes on.
 *
 * @param recent the decayed average use of each queue over time, over all flavours
 * @param running all that holds quota or nodes, what is leaving included
 * @param waiting in whatever order
 */
public record Snapshot(
        Moment time,
        Site site,
        Cohort cohorts,
        Map<QueueName, Limits> recent,
        List<Running> running,
        List<Waiting> waiting,
        Rules rules) {

    public Snapshot {
        recent = Map.copyOf(recent);
        running = List.copyOf(running);
        waiting = List.copyOf(waiting);
    }

    /** The same moment, had others waited. */
    public Snapshot with(List<Waiting> others) {
        return new Snapshot(time, site, cohorts, recent, running, others, rules);
    }
}
