package io.shusuan.scheduler.job;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Rules;
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
    private final Clock clock;

    @GuardedBy("this")
    private final ActiveJobs jobs;

    @GuardedBy("this")
    private Instant readAnew = Instant.EPOCH;

    LiveQueue(Cluster cluster, Levels levels, JdbcClient jdbc, Spending spending, Clock clock) {
        this.cluster = cluster;
        this.levels = levels;
        this.jobs = new ActiveJobs(jdbc);
        this.spending = spending;
        this.clock = clock;
    }

    /** A job that is only asked about, held back as it would be if it waited. */
    Waiting asked(Waiting job, Sharing shares) {
        return spending.hold(List.of(job), shares, clock.instant()).getFirst();
    }

    synchronized Snapshot sharedAs(Sharing shares) throws ClusterUnavailableException {
        var capacity = cluster.capacity();
        var now = clock.instant();
        if (now.isAfter(readAnew.plus(KEPT))) {
            jobs.forget();
            readAnew = now;
        }
        jobs.refresh(ending -> {}); // whoever schedules looks after those by itself
        return new Snapshot(
                new Moment(now.toEpochMilli()),
                new Sites(levels).of(capacity, shares),
                shares.tree(),
                Map.of(),
                jobs.running(),
                spending.hold(jobs.waiting(Set.of(), now), shares, now),
                Rules.USUAL);
    }
}
