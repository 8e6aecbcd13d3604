package io.shusuan.scheduler.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.sharing.Sharing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The queue as it is now, for questions about it: read beside whoever schedules, on any replica. */
@Component
class LiveQueue {

    /** What was read is used again for so long; then the memory is given back with the next question. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    private final Cluster cluster;
    private final Levels levels;
    private final Spending spending;
    private final FormerUse formerUse;
    private final Clock clock;

    @GuardedBy("this")
    private final ActiveJobs jobs;

    @GuardedBy("this")
    private Instant readAnew = Instant.EPOCH;

    LiveQueue(Cluster cluster, Levels levels, JdbcClient jdbc, Spending spending, FormerUse formerUse, Clock clock) {
        this.cluster = cluster;
        this.levels = levels;
        this.jobs = new ActiveJobs(jdbc);
        this.spending = spending;
        this.formerUse = formerUse;
        this.clock = clock;
    }

    /**
     * What there is at one moment: decisions from it under one sharing and under another can be compared.
     *
     * @param runningElsewhere what another scheduler has admitted
     * @param waiting those who wait, not held back yet by any budget, since those are part of the sharing
     * @param pledged whom no budget holds back
     * @param classes the priority classes of those who wait and are of one
     */
    record Present(
            Instant time,
            Capacity capacity,
            List<Running> running,
            List<Running> runningElsewhere,
            List<Waiting> waiting,
            Set<JobId> pledged,
            Map<JobId, PriorityClassName> classes) {}

    synchronized Present present() throws ClusterUnavailableException {
        var capacity = cluster.capacity();
        var now = clock.instant();
        if (now.isAfter(readAnew.plus(KEPT))) {
            jobs.forget();
            readAnew = now;
        }
        jobs.refresh(ending -> {}); // whoever schedules looks after those by itself
        return new Present(
                now,
                capacity,
                jobs.running(),
                jobs.runningElsewhere(),
                jobs.waiting(Set.of(), now),
                jobs.pledged(),
                Map.copyOf(jobs.priorityClasses()));
    }

    Snapshot shared(Present present, Sharing shares) {
        var delegated = shares.delegated();
        List<Waiting> waiting = present.waiting().stream()
                .filter(job -> !delegated.containsKey(job.queue()))
                .toList();
        return new Snapshot(
                new Moment(present.time().toEpochMilli()),
                new Sites(levels).of(present.capacity(), shares, present.runningElsewhere()),
                shares.tree(),
                formerUse.of(shares, present.time()),
                present.running(),
                spending.hold(
                        TakenPriorities.hold(waiting, present.classes(), shares),
                        present.pledged(),
                        shares,
                        present.time()),
                Rules.USUAL);
    }

    /** A job that is only asked about, held back as it would be if it waited. */
    Waiting asked(Waiting job, Present present, Sharing shares) {
        return spending.hold(List.of(job), Set.of(), shares, present.time()).getFirst();
    }
}
