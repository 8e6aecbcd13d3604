package io.shusuan.scheduler.job;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.SpecReader;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings one job in the cluster to what the database says, and what the cluster says into the database. Idempotent: it
 * may be cut off anywhere and run again.
 */
@Component
class Reconciler {

    static final String CLUSTER_UNREACHABLE = "ClusterUnreachable";

    /** How often a job that holds resources is looked at though the cluster reported nothing. */
    private static final Duration RESYNC = Duration.ofMinutes(1);

    private static final Duration STOP_POLL = Duration.ofSeconds(1);

    private final SpecReader reader = new SpecReader();
    private final Cluster cluster;
    private final Jobs jobs;
    private final ObservationRecorder recorder;
    private final TaskEnvironment environment;
    private final TransactionTemplate transaction;
    private final ApplicationEventPublisher events;
    private final Clock clock;
    private final Timer timer;
    private final Set<JobId> applied = ConcurrentHashMap.newKeySet();
    private final Map<JobId, Integer> misses = new ConcurrentHashMap<>();

    Reconciler(
            Cluster cluster,
            Jobs jobs,
            ObservationRecorder recorder,
            TaskEnvironment environment,
            TransactionTemplate transaction,
            ApplicationEventPublisher events,
            Clock clock,
            MeterRegistry meters) {
        this.cluster = cluster;
        this.jobs = jobs;
        this.recorder = recorder;
        this.environment = environment;
        this.transaction = transaction;
        this.events = events;
        this.clock = clock;
        this.timer = Timer.builder("shusuan.reconcile")
                .description("time of one reconciliation of one job")
                .publishPercentileHistogram()
                .register(meters);
    }

    /** What the reconciler needs to know of a job, detached from the database. */
    private record View(JobId id, JobKind kind, JobState state, boolean disturbed, Workload workload) {}

    /** One run for one job. Returns after which time it wants another, or null for none. */
    @Nullable
    Duration reconcile(JobId id) {
        var start = Timer.start();
        try {
            return attempt(id);
        } catch (OptimisticLockingFailureException changedMeanwhile) {
            return Duration.ZERO;
        } finally {
            start.stop(timer);
        }
    }

    private @Nullable Duration attempt(JobId id) {
        var view = transaction.execute(status -> jobs.find(id).map(this::view).orElse(null));
        if (view == null || !JobState.HOLDING.contains(view.state())) {
            applied.remove(id);
            misses.remove(id);
            return null;
        }
        try {
            var next = act(view);
            misses.remove(id);
            if (view.disturbed()) {
                record(id, job -> job.undisturbed(clock.instant()));
            }
            return next;
        } catch (ClusterUnavailableException away) {
            record(id, job -> job.disturbed(CLUSTER_UNREACHABLE, away.getMessage(), clock.instant()));
            return backoff(id);
        } catch (ClusterRefusedException refused) {
            record(id, job -> job.failing(refused.reason(), refused.getMessage(), clock.instant()));
            return Duration.ZERO;
        }
    }

    private @Nullable Duration act(View view) throws ClusterUnavailableException, ClusterRefusedException {
        return switch (view.state()) {
            case ADMITTED -> {
                cluster.apply(view.workload());
                applied.add(view.id());
                record(view.id(), job -> job.starting(cluster.name(), clock.instant()));
                yield Duration.ZERO;
            }
            case STARTING, RUNNING -> {
                // Said again after each start of the platform: the adapter may have forgotten, the cluster has not.
                if (applied.add(view.id())) {
                    cluster.apply(view.workload());
                }
                yield observe(view);
            }
            case STOPPING -> stop(view);
            case QUEUED, SUSPENDED, SUCCEEDED, FAILED, STOPPED -> null;
        };
    }

    private Duration observe(View view) throws ClusterUnavailableException {
        var seen = cluster.observe(view.id());
        if (seen.isEmpty()) {
            applied.remove(view.id());
            if (view.kind() == JobKind.TRAINING) {
                record(
                        view.id(),
                        job -> job.failing(
                                "Vanished",
                                "the %s cluster no longer knows this job; it is not run a second time by itself"
                                        .formatted(cluster.name()),
                                clock.instant()));
            }
            return Duration.ZERO;
        }
        var spec = view.workload().spec();
        var verdict = Verdict.of(view.kind(), spec.taskCount(), seen.get());
        record(view.id(), job -> {
            recorder.record(job, seen.get(), false);
            follow(job, verdict);
        });
        return verdict instanceof Verdict.Starting || verdict instanceof Verdict.Running ? RESYNC : Duration.ZERO;
    }

    private void follow(Job job, Verdict verdict) {
        var now = clock.instant();
        switch (verdict) {
            case Verdict.Starting starting -> job.progress(starting.reason(), starting.sentence());
            case Verdict.Running running -> {
                if (job.state() == JobState.STARTING) {
                    job.running(now);
                } else {
                    job.progress(null, null);
                }
            }
            case Verdict.Succeeded succeeded -> job.succeeded(now);
            case Verdict.Failed failed -> job.failing(failed.reason(), failed.sentence(), now);
        }
    }

    private @Nullable Duration stop(View view) throws ClusterUnavailableException {
        cluster.stop(view.id(), Cluster.DEFAULT_GRACE);
        var seen = cluster.observe(view.id());
        var alive = seen.stream()
                .flatMap(observation -> observation.attempts().stream())
                .anyMatch(attempt -> !attempt.phase().isFinal());
        record(view.id(), job -> {
            seen.ifPresent(observation -> recorder.record(job, observation, true));
            if (!alive) {
                recorder.settle(job);
                job.stopped(clock.instant());
            }
        });
        return alive ? STOP_POLL : null;
    }

    private void record(JobId id, Consumer<Job> change) {
        transaction.executeWithoutResult(status -> jobs.find(id)
                .filter(job -> JobState.HOLDING.contains(job.state()))
                .ifPresent(job -> {
                    change.accept(job);
                    events.publishEvent(new JobChanged(id));
                }));
    }

    private View view(Job job) {
        JobSpec spec = reader.read(job.spec()).spec();
        return new View(
                job.id(),
                job.kind(),
                job.state(),
                job.conditionReason() != null,
                new Workload(job.id(), spec, job.owner(), job.artifactSources(), environment.of(job)));
    }

    private Duration backoff(JobId id) {
        var misses = this.misses.merge(id, 1, Integer::sum);
        return Duration.ofSeconds(Math.min(30, 1L << Math.min(misses, 5)));
    }

    /** Where requests to an inference job may go: the first port of each attempt that is ready. */
    static java.util.List<Attempt.Endpoint> readyEndpoints(Observation observation) {
        return Verdict.newest(observation).values().stream()
                .filter(attempt -> attempt.ready() && !attempt.endpoints().isEmpty())
                .map(attempt -> attempt.endpoints().getFirst())
                .toList();
    }
}
