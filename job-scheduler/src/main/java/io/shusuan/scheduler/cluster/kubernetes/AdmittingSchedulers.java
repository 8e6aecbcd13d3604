package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.cluster.Workload;
import java.time.Clock;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The schedulers that jobs can be handed to, and what is known of those that were. */
final class AdmittingSchedulers implements AutoCloseable {

    private final WatchedObjects watched;
    private final Map<Delegate.Scheduler, AdmittingScheduler> schedulers = new EnumMap<>(Delegate.Scheduler.class);

    AdmittingSchedulers(
            ApiServer api, KubernetesSettings settings, WatchedObjects watched, Consumer<JobId> changed, Clock clock) {
        this.watched = watched;
        for (Delegate.Scheduler each : Delegate.Scheduler.values()) {
            Runnable cameOrWent = () -> handedTo(each).forEach(changed);
            schedulers.put(
                    each,
                    switch (each) {
                        case KUEUE -> new Kueue(api, settings, watched, changed, cameOrWent, clock);
                        case VOLCANO -> new Volcano(api, settings, changed, cameOrWent, clock);
                        case KAI -> new Kai(api, settings, changed, cameOrWent, clock);
                    });
        }
    }

    private Stream<JobId> handedTo(Delegate.Scheduler scheduler) {
        return Stream.<HasMetadata>concat(watched.jobs.all(), watched.deployments.all())
                .filter(each -> Labels.admitter(each).equals(Optional.of(scheduler)))
                .flatMap(each -> Labels.job(each).stream())
                .distinct();
    }

    /** Who admits a workload; nobody, if it is admitted. */
    @Nullable
    AdmittingScheduler of(Workload workload) {
        return workload.delegate() == null ? null : of(workload.delegate().scheduler());
    }

    private AdmittingScheduler of(Delegate.Scheduler scheduler) {
        return Objects.requireNonNull(schedulers.get(scheduler));
    }

    void requireInstalled(Delegate.Scheduler scheduler) throws ClusterUnavailableException, ClusterRefusedException {
        OptionalKind needed = of(scheduler).kind();
        if (needed.version().isEmpty()) {
            throw new ClusterRefusedException(
                    "NOT_INSTALLED",
                    "%s is not installed in this cluster: there is no CustomResourceDefinition %s; install it, then hand the queue to it"
                            .formatted(scheduler, needed.name()));
        }
    }

    /** How the runs of a job stand that were handed to another scheduler: from now on one hears of that, too. */
    Map<Integer, Standing> standings(JobId job) {
        Map<Integer, List<HasMetadata>> byRun = watched.workloads(job)
                .filter(Labels::isDelegated)
                .filter(each -> each.getMetadata().getDeletionTimestamp() == null)
                .collect(Collectors.groupingBy(Labels::run));
        var standings = new HashMap<Integer, Standing>();
        byRun.forEach((run, made) -> Labels.admitter(made.getFirst())
                .map(this::of)
                .map(scheduler -> {
                    scheduler.kind().need();
                    return scheduler.standing(made, podsOf(job, run));
                })
                .ifPresent(standing -> standings.put(run, standing)));
        return standings;
    }

    private List<Pod> podsOf(JobId job, int run) {
        return watched.pods(job).stream()
                .filter(each -> Labels.run(each) == run)
                .toList();
    }

    /** Whether the run of a workload that was handed to another scheduler lacks what that has to know it by. */
    boolean standsWithout(Workload workload) {
        return workload.delegate() != null && !standings(workload.job()).containsKey(workload.run());
    }

    /** Whether nothing more comes of a Job that another scheduler admits, so that it may stay for its logs. */
    boolean isOver(Job job) {
        var alone = List.of(job);
        return job.getMetadata().getDeletionTimestamp() != null
                || (Labels.admitter(job).map(each -> of(each).letsStay(job)).orElse(true)
                        && (EndedJobs.haveFailed(alone) || EndedJobs.haveCompleted(alone)));
    }

    /** Takes away what makes gangs of a job's pods, of which nothing shall begin any more; what has ended stays. */
    void disband(JobId job, String namespace) throws ClusterUnavailableException {
        for (AdmittingScheduler each : schedulers.values()) {
            if (!each.kind().ofJob(job.toString()).isEmpty()) {
                each.disband(job, namespace);
            }
        }
    }

    /** Likewise of a job whose pods were told to go. */
    void letGo(JobId job, String namespace, List<HasMetadata> made) throws ClusterUnavailableException {
        Map<Delegate.Scheduler, List<HasMetadata>> byAdmitter = made.stream()
                .filter(each -> Labels.admitter(each).isPresent())
                .collect(Collectors.groupingBy(each -> Labels.admitter(each).orElseThrow()));
        for (var each : byAdmitter.entrySet()) {
            of(each.getKey()).letGo(job, namespace, each.getValue());
        }
    }

    /** Called by one thread, every few seconds. */
    void check() {
        schedulers.values().forEach(each -> each.kind().check());
    }

    @Override
    public void close() {
        schedulers.values().forEach(each -> each.kind().close());
    }
}
