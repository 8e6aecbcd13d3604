package io.shusuan.scheduler.job;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.Placed;
import io.shusuan.db.job.WrongStateException;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.SpecException;
import io.shusuan.scheduler.spec.SpecReader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Brings one job in the cluster to what the database says, and what the cluster says into the database. Idempotent: it
 * may be cut off anywhere and run again.
 */
@Component
class Reconciler {

    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    static final String CLUSTER_UNREACHABLE = "ClusterUnreachable";

    /** How often a job of which the cluster has something is looked at though the cluster reported nothing. */
    private static final Duration RESYNC = Duration.ofMinutes(1);

    private static final Duration LIMIT_POLL = Duration.ofMillis(100);
    private static final Duration STOP_POLL = Duration.ofSeconds(1);

    /** How soon one looks again for what a cluster has taken but does not show. */
    private static final Duration UNSEEN_POLL = Duration.ofSeconds(1);

    /** How often a training job must be found missing to count as vanished. */
    private static final int UNSEEN_LIMIT = 5;

    private static final ScopedValue<JobId> AT_WORK = ScopedValue.newInstance();

    private static final Duration AFTER_COLLISION = Duration.ofMillis(20);
    private static final Duration DATABASE_POLL = Duration.ofSeconds(2);

    private final SpecReader reader = new SpecReader();
    private final Cluster cluster;
    private final Jobs jobs;
    private final Endings endings;
    private final ObservationRecorder recorder;
    private final Evictions evictions;
    private final OtherAdmission others;
    private final Landings landings;
    private final TaskEnvironment environment;
    private final LeaderTransaction transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final Timer timer;
    private final Map<JobId, Memory> memories = new ConcurrentHashMap<>();

    Reconciler(
            Cluster cluster,
            Jobs jobs,
            Endings endings,
            ObservationRecorder recorder,
            Evictions evictions,
            OtherAdmission others,
            Landings landings,
            TaskEnvironment environment,
            LeaderTransaction transaction,
            ApplicationEventPublisher events,
            Clock clock,
            MeterRegistry meters) {
        this.cluster = cluster;
        this.jobs = jobs;
        this.endings = endings;
        this.recorder = recorder;
        this.evictions = evictions;
        this.others = others;
        this.landings = landings;
        this.environment = environment;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
        this.timer = Timer.builder("shusuan.reconcile")
                .description("time of one reconciliation of one job")
                .publishPercentileHistogram()
                .register(meters);
    }

    /**
     * What the reconciler needs to know of a job, detached from the database.
     *
     * @param asked how many tasks the job asks for
     * @param workload none, if it only needs to end
     */
    private record View(
            JobId id,
            Memory memory,
            JobKind kind,
            long version,
            int run,
            JobState state,
            boolean evicted,
            boolean disturbed,
            Duration grace,
            List<Placed> placement,
            @Nullable Instant readyBy,
            @Nullable Instant endBy,
            int asked,
            @Nullable Workload workload) {

        /** Only an elastic job has fewer tasks than it asks for. */
        boolean hasFewerTasks() {
            return mustHaveWorkload().spec().taskCount() < asked;
        }

        boolean delegated() {
            return workload != null && workload.delegate() != null;
        }

        Workload mustHaveWorkload() {
            return Objects.requireNonNull(workload);
        }
    }

    /** Forgets what was done and seen so far: another replica may have done more since. */
    void begin() {
        memories.clear();
    }

    /** Whether this thread is amid a run for that job, so that what it writes is no news to it. */
    static boolean isAtWorkOn(JobId id) {
        return AT_WORK.isBound() && AT_WORK.get().equals(id);
    }

    /** Each thing that happens in the cluster is told several times: whether there is more to see than what is recorded. */
    boolean isNews(JobId id) {
        var memory = memories.get(id);
        try {
            return memory == null
                    || !cluster.observe(id).filter(memory::isRecorded).isPresent();
        } catch (ClusterUnavailableException away) {
            return true;
        }
    }

    /**
     * One run for one job. Returns after which time it wants another, or null for none.
     *
     * @throws Lease.LeaseLostException if another replica schedules
     */
    @Nullable
    Duration reconcile(JobId id) {
        var start = Timer.start();
        try (var _ = MDC.putCloseable("job", id.toString())) {
            return ScopedValue.where(AT_WORK, id).call(() -> attempt(id));
        } catch (OptimisticLockingFailureException | WrongStateException changedMeanwhile) {
            return AFTER_COLLISION;
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("job {} waits for the database: {}", id, databaseAway.getMessage());
            return DATABASE_POLL;
        } finally {
            start.stop(timer);
        }
    }

    private @Nullable Duration attempt(JobId id) {
        View view;
        try {
            view = transaction.execute(() -> jobs.find(id).map(this::view).orElse(null));
        } catch (SpecException unreadable) {
            fail(id, "SpecUnreadable", "its text was accepted once but cannot be read: " + unreadable.getMessage());
            return Duration.ZERO;
        }
        if (view == null || !JobState.APPLIED.contains(view.state())) {
            memories.remove(id);
            return null;
        }
        try {
            var next = act(view);
            view.memory().reached();
            if (view.disturbed()) {
                record(id, job -> {
                    job.undisturbed(clock.instant());
                    return false;
                });
            }
            return next;
        } catch (ClusterUnavailableException away) {
            record(id, job -> {
                job.disturbed(CLUSTER_UNREACHABLE, away.getMessage(), clock.instant());
                return false;
            });
            return backoff(view.memory().missed());
        } catch (ClusterRefusedException refused) {
            fail(id, refused.reason(), refused.getMessage());
            return Duration.ZERO;
        }
    }

    private @Nullable Duration act(View view) throws ClusterUnavailableException, ClusterRefusedException {
        return switch (view.state()) {
            case ADMITTED -> {
                apply(view);
                record(view.id(), job -> {
                    job.starting(cluster.name(), clock.instant());
                    if (view.hasFewerTasks()) {
                        recorder.leaveOut(job, view.asked());
                    }
                    return false;
                });
                yield Duration.ZERO;
            }
            case SUSPENDED -> awaitAdmission(view);
            case STARTING, RUNNING -> observe(view);
            case STOPPING -> stop(view);
            case QUEUED, SUCCEEDED, FAILED, STOPPED -> null;
        };
    }

    private void apply(View view) throws ClusterUnavailableException, ClusterRefusedException {
        cluster.apply(view.mustHaveWorkload());
        view.memory().applied(clock.instant());
    }

    /** Makes the job known to the scheduler that it was handed to, and says what that says, until it is admitted. */
    private @Nullable Duration awaitAdmission(View view) throws ClusterUnavailableException, ClusterRefusedException {
        if (view.memory().applied() == null) {
            apply(view);
        }
        var seen = cluster.observe(view.id()).orElse(Observation.NOTHING);
        var standing = seen.standing(view.run());
        if (standing == null) {
            if (view.memory().notSeen() >= UNSEEN_LIMIT) {
                apply(view); // somebody took it away, and nothing of it has run
            }
            return UNSEEN_POLL;
        }
        view.memory().seen();
        if (view.memory().isRecorded(view.version(), seen)) {
            return RESYNC;
        }
        var written = record(view.id(), job -> others.follow(job, standing, seen));
        written.ifPresent(job -> view.memory().recorded(job.version(), seen));
        return standing instanceof Standing.Waiting ? after(written, RESYNC) : Duration.ZERO;
    }

    private @Nullable Duration observe(View view) throws ClusterUnavailableException, ClusterRefusedException {
        var seen = cluster.observe(view.id());
        if (seen.isEmpty()) {
            return missing(view);
        }
        view.memory().seen();
        var halted = seen.get().isHalted(view.run());
        if (Repair.isDue(view.mustHaveWorkload(), seen.get(), view.memory().applied(), clock.instant())) {
            apply(view);
            if (halted) {
                return UNSEEN_POLL; // its tasks go, and others come: too early to judge
            }
            seen = cluster.observe(view.id());
        }
        var all = seen.orElse(Observation.NOTHING);
        var standing = all.standing(view.run());
        if (standing != null && OtherAdmission.isTakenBack(standing)) {
            return after(record(view.id(), job -> others.follow(job, standing, all)), Duration.ZERO);
        }
        var observation = all.ofRun(view.run());
        var verdict = OtherAdmission.judged(
                Verdict.of(view.kind(), view.mustHaveWorkload().spec().taskCount(), observation), standing);
        if (verdict instanceof Verdict.Succeeded) {
            cluster.release(view.id());
        }
        var next = halted ? shorter(next(view, verdict), UNSEEN_POLL) : next(view, verdict);
        if (isRecorded(view, all)) {
            return next;
        }
        var whereabouts = view.delegated()
                ? landings.seen(view.placement(), observation)
                : Whereabouts.seen(view.placement(), observation);
        var written = record(view.id(), job -> {
            var news = recorder.record(job, all, false);
            var moved = moved(job, whereabouts);
            follow(job, verdict);
            endAtLimit(job, view);
            return news || moved;
        });
        written.ifPresent(job -> view.memory().recorded(job.version(), all));
        return after(written, next);
    }

    private Duration next(View view, Verdict verdict) {
        return switch (verdict) {
            case Verdict.Running _ -> until(view.endBy());
            case Verdict.Starting _ -> shorter(until(view.readyBy()), until(view.endBy()));
            case Verdict.Succeeded _, Verdict.Failed _ -> Duration.ZERO;
        };
    }

    /** When to look again at a job that was written: at once if it goes on otherwise than it was read, never if it has ended. */
    private @Nullable Duration after(Optional<Job> written, Duration ifItGoesOn) {
        var state = written.map(Job::state).orElse(null);
        if (state != null && (JobState.GOING.contains(state) || state == JobState.SUSPENDED)) {
            return ifItGoesOn;
        }
        if (state == null || JobState.APPLIED.contains(state)) {
            return Duration.ZERO;
        }
        memories.remove(written.orElseThrow().id());
        return null;
    }

    private boolean isRecorded(View view, Observation seen) {
        return view.memory().isRecorded(view.version(), seen) && !isPast(view.readyBy()) && !isPast(view.endBy());
    }

    private boolean isPast(@Nullable Instant limit) {
        return limit != null && !clock.instant().isBefore(limit);
    }

    /** When to look again at a job that has until then: at that moment, or soon after it. */
    private Duration until(@Nullable Instant limit) {
        if (limit == null) {
            return RESYNC;
        }
        var left = Duration.between(clock.instant(), limit);
        return left.compareTo(LIMIT_POLL) > 0 ? shorter(left, RESYNC) : LIMIT_POLL;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** What has ended by itself in time has not run into its limit, whenever that is seen. */
    private void endAtLimit(Job job, View view) {
        var now = clock.instant();
        if (view.endBy() != null && !now.isBefore(view.endBy()) && JobState.GOING.contains(job.state())) {
            job.failing(
                    "TimeLimitExceeded",
                    "has held its resources for %d seconds, its time limit"
                            .formatted(Duration.between(job.admittedAt(), view.endBy())
                                    .toSeconds()),
                    now);
        }
    }

    /** What a job holds is where its tasks are, wherever the cluster was asked to put them. */
    private boolean moved(Job job, List<Placed> seen) {
        if (Set.copyOf(seen).equals(Set.copyOf(job.placement()))) {
            return false;
        }
        job.moved(seen, clock.instant());
        return true;
    }

    /** What serves is put back. What computes is not run a second time by itself, once it is sure that it is gone. */
    private Duration missing(View view) throws ClusterUnavailableException, ClusterRefusedException {
        switch (view.kind()) {
            case INFERENCE -> apply(view);
            case TRAINING -> {
                if (view.memory().notSeen() >= UNSEEN_LIMIT) {
                    fail(
                            view.id(),
                            "Vanished",
                            "the %s cluster no longer knows this job; it is not run a second time by itself"
                                    .formatted(cluster.name()));
                    return Duration.ZERO;
                }
            }
        }
        return UNSEEN_POLL;
    }

    private void fail(JobId id, String reason, String sentence) {
        record(id, job -> {
            job.failing(reason, sentence, clock.instant());
            return false;
        });
    }

    private void follow(Job job, Verdict verdict) {
        var now = clock.instant();
        switch (verdict) {
            case Verdict.Starting starting -> {
                var limit = job.state() == JobState.STARTING ? job.tenure().readyBy() : null;
                if (limit != null && !now.isBefore(limit)) {
                    evictions.clearUnready(job, "evicted, since it was not ready in time: " + starting.sentence());
                } else {
                    job.progress(starting.reason(), starting.sentence());
                }
            }
            case Verdict.Running running -> {
                if (job.state() == JobState.STARTING) {
                    job.running(now);
                } else {
                    job.progress(null, null);
                }
            }
            case Verdict.Succeeded succeeded -> job.succeeded(succeeded.begun(), succeeded.ended(), now);
            case Verdict.Failed failed -> job.failing(failed.reason(), failed.sentence(), now);
        }
    }

    private @Nullable Duration stop(View view) throws ClusterUnavailableException {
        view.memory().ending();
        cluster.stop(view.id(), view.grace());
        var seen = cluster.observe(view.id());
        var alive = seen.stream()
                .flatMap(observation -> observation.attempts().stream())
                .anyMatch(attempt -> !attempt.phase().isFinal());
        // What waits again comes back to the address that it had; no training has one.
        if (!alive && (!view.evicted() || view.kind() == JobKind.TRAINING)) {
            cluster.release(view.id());
        }
        var written = record(view.id(), job -> {
            var news = seen.isPresent() && recorder.record(job, seen.get(), true);
            if (!alive && job.isEvicted() == view.evicted()) {
                endings.end(job, seen.orElse(Observation.NOTHING).ofRun(job.run()));
            }
            return news;
        });
        return alive ? STOP_POLL : after(written, Duration.ZERO);
    }

    /** What people see of the job itself; news of it are told only when it has changed. */
    private record Face(
            JobState state,
            @Nullable String reason,
            @Nullable String message,
            @Nullable String condition) {
        static Face of(Job job) {
            return new Face(
                    job.state(),
                    job.reason(),
                    job.message(),
                    job.condition() == null ? null : job.condition().message());
        }
    }

    /**
     * Returns the job as it was written.
     *
     * @param change returns whether it changed anything beside the job's own row
     */
    private Optional<Job> record(JobId id, Predicate<Job> change) {
        return transaction.execute(() -> {
            var found = jobs.find(id).filter(job -> JobState.APPLIED.contains(job.state()));
            found.ifPresent(job -> {
                var before = Face.of(job);
                // Silence when nothing has changed: each such word brings this job here again.
                if (change.test(job) || !before.equals(Face.of(job))) {
                    events.publishEvent(JobChanged.of(job));
                }
                if (before.state() != job.state()) {
                    log.info(
                            "job '{}' is {}{}",
                            job.name(),
                            job.state(),
                            job.message() == null ? "" : ": " + job.message());
                }
            });
            return found;
        });
    }

    private View view(Job job) {
        var shallRun = JobState.GOING.contains(job.state()) || job.state() == JobState.SUSPENDED;
        var spec = shallRun ? reader.read(job.spec()).spec() : null;
        var workload = spec == null ? null : workload(job, spec);
        return new View(
                job.id(),
                memories.computeIfAbsent(job.id(), fresh -> new Memory()),
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
                spec == null ? 0 : spec.taskCount(),
                workload);
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

    private static Duration backoff(int misses) {
        return Duration.ofSeconds(Math.min(30, 1L << Math.min(misses, 5)));
    }
}
