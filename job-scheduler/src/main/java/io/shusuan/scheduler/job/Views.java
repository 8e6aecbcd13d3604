package io.shusuan.scheduler.job;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.Placed;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.SpecReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What the reconciler reads of jobs, and what it remembers of them. To look on at a job whose tasks run it need not read again
 * what it has written itself: so the job is seen for a short while, unless a change made elsewhere is told of. A change that
 * nobody tells of is found out by the next write, which wants the row to be as it was seen. Whatever something is made or
 * ended in the cluster for is read by a transaction of the replica that schedules.
 */
@Component
class Views {

    /** What was written longer ago is read again, and what runs for long is not kept in memory. */
    private static final Duration LIFETIME = Duration.ofSeconds(10);

    /** The states in which there is usually nothing to do but to look on. */
    private static final Set<JobState> LOOKED_AT = EnumSet.of(JobState.STARTING, JobState.RUNNING);

    private final SpecReader reader = new SpecReader();
    private final Map<JobId, Memory> memories = new ConcurrentHashMap<>();
    private final Jobs jobs;
    private final TaskEnvironment environment;
    private final LeaderTransaction transaction;
    private final Lease lease;
    private final Clock clock;
    private final Together<JobId, Optional<Job>> reading = new Together<>(this::read);

    Views(Jobs jobs, TaskEnvironment environment, LeaderTransaction transaction, Lease lease, Clock clock) {
        this.jobs = jobs;
        this.environment = environment;
        this.transaction = transaction;
        this.lease = lease;
        this.clock = clock;
    }

    /** A moment, as what is written from then on will be compared with it. */
    record Moment(long token, int changes) {}

    /**
     * A job of which the cluster has objects, or is about to; nothing if it is none of those (any more).
     *
     * @throws io.shusuan.scheduler.spec.SpecException if its text cannot be read
     */
    Optional<View> of(JobId id) {
        var memory = memories.get(id);
        var known = memory == null ? null : memory.view(lease.token(), clock.instant());
        if (known != null) {
            return Optional.of(known);
        }
        var view = reading.ask(id)
                .filter(job -> JobState.APPLIED.contains(job.state()))
                .map(job -> view(job, null));
        if (view.isEmpty()) {
            forget(id);
        }
        return view;
    }

    private List<Optional<Job>> read(List<JobId> ids) {
        var found = transaction.execute(() -> jobs.findAll(ids));
        return ids.stream().map(id -> Optional.ofNullable(found.get(id))).toList();
    }

    /** Asked for before a job is read to be written. */
    Moment now(JobId id) {
        return new Moment(lease.token(), memory(id).changes());
    }

    /** A job as it was committed by a transaction that has begun at that moment or later. */
    Optional<View> written(Job job, Moment moment, @Nullable View before) {
        if (!JobState.APPLIED.contains(job.state())) {
            forget(job.id());
            return Optional.empty();
        }
        var view = view(job, before == null ? null : before.spec());
        if (LOOKED_AT.contains(view.state())) {
            view.memory().remember(view, moment, clock.instant().plus(LIFETIME));
        } else {
            view.memory().changedElsewhere();
        }
        return Optional.of(view);
    }

    /** Whether a job was read just now, so that something may be made for it; if not, the next look reads it. */
    boolean isRead(View view) {
        if (view.memory().remembers(view)) {
            view.memory().changedElsewhere();
            return false;
        }
        return true;
    }

    /** Somebody else has changed that job, or may have. */
    void changedElsewhere(JobId id) {
        var memory = memories.get(id);
        if (memory != null) {
            memory.changedElsewhere();
        }
    }

    /** What is known of a job beside what the database says; nothing, if it was not looked at yet or holds nothing any more. */
    @Nullable
    Memory known(JobId id) {
        return memories.get(id);
    }

    /** The cluster has nothing of that job any more. */
    void forget(JobId id) {
        memories.remove(id);
    }

    /** Forgets everything: another replica may have done more since. */
    void begin() {
        memories.clear();
    }

    private Memory memory(JobId id) {
        return memories.computeIfAbsent(id, fresh -> new Memory());
    }

    private View view(Job job, @Nullable JobSpec known) {
        var shallRun = JobState.GOING.contains(job.state()) || job.state() == JobState.SUSPENDED;
        var spec = !shallRun ? null : known == null ? reader.read(job.spec()).spec() : known;
        return new View(
                job.id(),
                memory(job.id()),
                job.kind(),
                job.version(),
                job.run(),
                job.state(),
                job.isEvicted(),
                job.condition() != null,
                job.isEvicted() ? job.tenure().grace() : Cluster.DEFAULT_GRACE,
                job.placement(),
                job.tenure().readyBy(),
                spec == null ? null : endBy(job, spec),
                spec,
                spec == null ? null : workload(job, spec));
    }

    /** Whom a job was handed to admits all of its tasks, and where they are is seen one after another. */
    private Workload workload(Job job, JobSpec spec) {
        var placement = job.delegate() == null ? job.placement() : List.<Placed>of();
        return new Workload(
                job.id(),
                job.run(),
                job.tenure().grace(),
                spec.placed(placement),
                job.owner(),
                job.artifactSources(),
                environment.of(job),
                placement,
                job.delegate());
    }

    private static @Nullable Instant endBy(Job job, JobSpec spec) {
        var limit = spec.timeLimit();
        return limit == null || job.admittedAt() == null
                ? null
                : job.admittedAt().plus(limit);
    }
}
