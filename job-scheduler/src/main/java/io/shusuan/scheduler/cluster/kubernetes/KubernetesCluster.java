package io.shusuan.scheduler.cluster.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import io.shusuan.scheduler.cluster.Workload;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work as pods of a Kubernetes cluster. What is asked is answered from what the watches have told, and refused as
 * unavailable while they cannot be trusted; what is written goes to the API server at once.
 */
public final class KubernetesCluster implements Cluster {

    private static final Logger log = LoggerFactory.getLogger(KubernetesCluster.class);

    private final KubernetesSettings settings;
    private final ApiServer api;
    private final Applier applier;
    private final Rehearsals rehearsals;
    private final Namespaces namespaces;
    private final Teardown teardown;
    private final WatchedObjects watched;

    /** When nodes were told of, and who else is on them. */
    private final CompletableFuture<Void> capacityKnown;

    private final AtomicBoolean watchingJobs = new AtomicBoolean();
    private final AdmittingSchedulers schedulers;
    private final TaskSpreads spreads;
    private final Sightings sightings = new Sightings();
    private final List<Consumer<JobId>> listeners = new CopyOnWriteArrayList<>();

    /** Whether the API server was away when the watchdog looked last, having been there before. */
    private boolean outage;

    /** Jobs that were applied and that the watches have not told of yet. */
    private final Map<JobId, Applied> justApplied = new ConcurrentHashMap<>();

    /** @param anchored whether the watches have told of it when they have told of its anchor */
    private record Applied(String namespace, boolean anchored) {}

    /** Jobs of which everything was told to end and nothing was applied since, whether or not the watches have told so yet. */
    private final Set<JobId> stopped = ConcurrentHashMap.newKeySet();

    private final ScheduledExecutorService watchdog = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("kubernetes-watchdog").factory());

    /** Begins to watch the cluster; one that cannot be reached now is watched as soon as it can be. */
    public KubernetesCluster(KubernetesSettings settings, Clock clock, MeterRegistry meters) {
        this.settings = settings;
        this.api = new ApiServer(settings, clock, meters);
        this.applier = new Applier(api);
        this.rehearsals = new Rehearsals(applier, clock);
        this.namespaces = new Namespaces(api, applier, settings);
        this.watched = new WatchedObjects(api.client(), settings, new Changes(), clock, meters);
        this.spreads = new TaskSpreads(settings, watched::labelsOf);
        this.schedulers = new AdmittingSchedulers(api, settings, watched, this::changed, clock);
        this.teardown = new Teardown(api, settings.platform(), schedulers);
        this.capacityKnown = watched.startCapacity();
        long tick = Math.min(2000, settings.staleAfter().toMillis() / 3);
        var _ = watchdog.scheduleWithFixedDelay(this::watch, 0, tick, TimeUnit.MILLISECONDS);
    }

    private void watch() {
        try {
            api.probe();
            watched.all().forEach(Watched::check);
            if (api.health() instanceof ClusterHealth.Reachable) {
                boolean atOnce = outage;
                outage = false;
                watched.all().forEach(each -> each.mend(atOnce));
                schedulers.check();
            } else {
                outage = watched.all().anyMatch(Watched::isCurrent) || outage;
            }
        } catch (RuntimeException e) {
            if (!watchdog.isShutdown()) {
                log.error("The watch over the Kubernetes informers failed; it goes on", e);
            }
        }
    }

    @Override
    public String name() {
        return "kubernetes";
    }

    @Override
    public Capacity capacity() throws ClusterUnavailableException {
        // The platform's own objects are no part of it: after a restart there may be many, and the queue need not wait
        // for them.
        requireCurrent(watched.nodes, watched.otherPods);
        return Nodes.capacity(
                watched.nodes.all().toList(), watched.otherPods.all().toList());
    }

    @Override
    public void setMode(String node, NodeMode mode) throws ClusterUnavailableException, ClusterRefusedException {
        applier.setMode(node, mode);
    }

    @Override
    public Set<String> draining() throws ClusterUnavailableException {
        requireCurrent(watched.nodes);
        return Nodes.draining(watched.nodes.all());
    }

    @Override
    public void requireInstalled(Delegate.Scheduler scheduler)
            throws ClusterUnavailableException, ClusterRefusedException {
        schedulers.requireInstalled(scheduler);
    }

    @Override
    public void apply(Workload workload) throws ClusterUnavailableException, ClusterRefusedException {
        AdmittingScheduler admitter = schedulers.of(workload);
        var manifests = new JobManifests(workload, settings, admitter, spreads);
        if (stands(workload, manifests)) {
            return;
        }
        String namespace = manifests.namespace();
        namespaces.prepare(
                namespace,
                settings.podSecurity(workload.spec().queue()),
                manifests.volumes().sources());
        manifests.check();
        boolean isNew = !isKnown(workload.job()) && !justApplied.containsKey(workload.job());
        // What an earlier version has made has an anchor, whatever it is, and keeps it.
        boolean anchored =
                manifests.needsAnchor() || !watched.anchors(workload.job()).isEmpty();
        boolean applied = false;
        try {
            if (watched.workloads(workload.job()).noneMatch(each -> Labels.run(each) == workload.run())) {
                for (Map.Entry<String, Pod> sample : manifests.samples().entrySet()) {
                    rehearsals.require(sample.getValue(), sample.getKey());
                }
            }
            justApplied.put(workload.job(), new Applied(namespace, anchored));
            stopped.remove(workload.job());
            ConfigMap anchor = anchored ? applier.apply(manifests.anchor()) : null;
            Optional<GenericKubernetesResource> gang = manifests.gang(anchor);
            if (admitter != null && gang.isPresent()) {
                admitter.kind().apply(gang.get());
            }
            for (HasMetadata each : manifests.objects(anchor)) {
                if (each instanceof Job && Labels.isDelegated(each)) {
                    applier.create(each); // whether it is suspended is for another to say from then on
                } else if (isNew && each instanceof Job) {
                    applier.make(each);
                } else {
                    applier.apply(each);
                }
            }
            applied = true;
        } catch (ClusterRefusedException refused) {
            if (isNew && anchored) {
                teardown.deleteAnchor(manifests.anchor()); // and with it what it owns already
            }
            throw refused;
        } finally {
            if (!applied) {
                namespaces.forget(namespace); // it may be what is missing
            }
            if (!applied || isTold(workload.job(), anchored)) {
                justApplied.remove(workload.job());
            }
        }
        removeOldRuns(workload);
    }

    /** Whether the watches have told of what stands for a job. */
    private boolean isTold(JobId job, boolean anchored) {
        return anchored
                ? !watched.anchors(job).isEmpty()
                : watched.workloads(job).findAny().isPresent();
    }

    private boolean isKnown(JobId job) {
        return !watched.anchors(job).isEmpty()
                || watched.workloads(job).findAny().isPresent();
    }

    /**
     * Whether all that a training job is made of is there and goes. What its pods are can never be changed, so there is nothing to
     * say again: after a restart of the platform that may be ten thousand times nothing.
     */
    private boolean stands(Workload workload, JobManifests manifests) {
        if (workload.spec().kind().serves()
                || manifests.hasAccess()
                || stopped.contains(workload.job())
                || (manifests.needsAnchor() && watched.anchors(workload.job()).isEmpty())
                || !(api.health() instanceof ClusterHealth.Reachable)
                || lagging().isPresent()
                || schedulers.standsWithout(workload)) {
            return false;
        }
        Set<String> going = watched.jobs(workload.job()).stream()
                .filter(each -> !isHalted(each))
                .map(each -> each.getMetadata().getName())
                .collect(Collectors.toSet());
        return going.containsAll(manifests.namesOfRun());
    }

    /** Of the run before this one the logs can still be read; one that is evicted again and again would pile up Jobs and pods. */
    private void removeOldRuns(Workload workload) throws ClusterUnavailableException {
        List<Job> old = watched.jobs(workload.job()).stream()
                .filter(each -> Labels.run(each) < workload.run() - 1)
                .toList();
        for (Job each : old) {
            teardown.deleteJob(each);
        }
    }

    @Override
    public Optional<Observation> observe(JobId job) throws ClusterUnavailableException {
        requireCurrent();
        if (!isKnown(job) && watched.pods(job).isEmpty() && !justApplied.containsKey(job)) {
            return Optional.empty();
        }
        List<Event> warnings = watched.warnings(job).toList();
        var events = new ArrayList<ClusterEvent>(News.of(warnings.stream()));
        if (settings.artifacts() == null) {
            events.add(
                    new ClusterEvent(
                            "artifacts-not-kept",
                            true,
                            "ARTIFACTS_NOT_KEPT",
                            "This cluster keeps no artifacts: what the job writes to $SHUSUAN_ARTIFACTS is lost with its pods. The administrator can configure a volume for them."));
        }
        var attempts = new ArrayList<>(sightings.attempts(job));
        attempts.addAll(EndedJobs.unseen(watched.jobs(job), attempts));
        attempts.replaceAll(each -> News.explain(each, warnings));
        return Optional.of(new Observation(attempts, events, watched.suspendedRuns(job), schedulers.standings(job)));
    }

    @Override
    public void stop(JobId job, Duration grace) throws ClusterUnavailableException {
        requireCurrent();
        if (!stopped.contains(job) || !watched.workloads(job).allMatch(this::isHalted)) {
            List<HasMetadata> made = watched.workloads(job).toList();
            boolean computes = made.stream().anyMatch(Job.class::isInstance); // so that it has no Deployments
            for (String namespace : namespacesOf(job)) {
                teardown.endJobs(job, namespace);
                if (!computes) {
                    teardown.deleteDeployments(job, namespace);
                }
                schedulers.letGo(job, namespace, made);
            }
            stopped.add(job);
        }
        hurry(job, grace);
    }

    private boolean isHalted(HasMetadata workload) {
        return isGoing(workload)
                || (workload instanceof Job job
                        && (Labels.isDelegated(job)
                                ? schedulers.isOver(job)
                                : Boolean.TRUE.equals(job.getSpec().getSuspend())));
    }

    /**
     * Pods have been told the longest grace that their job may be given. A Job of ours fails at the first pod that it loses and puts none in
     * its place, so its pods need not wait for a controller that may have thousands of others to look at first. Other controllers put
     * another in a pod's place as long as they have not heard of the end: none is hurried before all are going.
     */
    private void hurry(JobId job, Duration grace) throws ClusterUnavailableException {
        List<Pod> running =
                watched.pods(job).stream().filter(pod -> !isOver(pod)).toList();
        boolean replaced = watched.workloads(job).anyMatch(each -> !(each instanceof Job) || Labels.isDelegated(each));
        if (replaced && !running.stream().allMatch(KubernetesCluster::isGoing)) {
            return;
        }
        teardown.hurryPods(
                job,
                running.stream()
                        .filter(pod ->
                                !isGoing(pod) || pod.getMetadata().getDeletionGracePeriodSeconds() > grace.toSeconds())
                        .toList(),
                grace);
    }

    private static boolean isGoing(HasMetadata object) {
        return object.getMetadata().getDeletionTimestamp() != null;
    }

    private static boolean isOver(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    @Override
    public void release(JobId job) throws ClusterUnavailableException {
        requireCurrent();
        List<ConfigMap> anchors = watched.anchors(job);
        Applied applied = justApplied.get(job);
        if (anchors.isEmpty() && applied != null && applied.anchored()) {
            throw notCurrent(watched.anchors);
        }
        for (ConfigMap anchor : anchors) {
            if (JobManifests.mayHaveAccess(anchor)) {
                teardown.deleteAccess(job, anchor);
            }
            schedulers.disband(job, anchor.getMetadata().getNamespace());
        }
    }

    @Override
    public void remove(JobId job) throws ClusterUnavailableException {
        requireCurrent();
        boolean anchored = !watched.anchors(job).isEmpty();
        for (String namespace : namespacesOf(job)) {
            teardown.deleteAnchors(job, namespace);
            if (!anchored) { // there was none, or whoever deleted it may have told it to leave what it owns
                teardown.deleteJobs(job, namespace);
                teardown.deleteDeployments(job, namespace);
            }
        }
        justApplied.remove(job);
        stopped.remove(job);
    }

    @Override
    public Set<JobId> jobs() throws ClusterUnavailableException {
        requireCurrent();
        var jobs = new HashSet<>(justApplied.keySet());
        Stream.of(watched.anchors.all(), watched.jobs.all(), watched.deployments.all(), watched.pods.all())
                .flatMap(each -> each)
                .forEach(each -> Labels.job(each).ifPresent(jobs::add));
        return jobs;
    }

    @Override
    public LogReader logs(JobId job, String attemptUid, LogQuery query) throws ClusterUnavailableException {
        requireCurrent();
        return new PodLog(
                api,
                () -> PodLog.find(sightings.pod(job, attemptUid), Sightings.run(attemptUid)),
                () -> isOver(job, attemptUid),
                query);
    }

    private boolean isOver(JobId job, String attemptUid) {
        return sightings.attempts(job).stream()
                .filter(each -> each.uid().equals(attemptUid))
                .findFirst()
                .map(Attempt::phase)
                .map(Attempt.Phase::isFinal)
                .orElse(true);
    }

    /** Not at the same time as what the queue waits for: to read all that many jobs have takes some seconds of all processors. */
    @Override
    public void watchJobs() {
        if (watchingJobs.compareAndSet(false, true)) {
            var _ = capacityKnown.whenComplete((_, _) -> watched.startJobs());
        }
    }

    @Override
    public void onChange(Consumer<JobId> listener) {
        listeners.add(listener);
    }

    @Override
    public ClusterHealth health() {
        return switch (api.health()) {
            case ClusterHealth.Unreachable away -> away;
            case ClusterHealth.Reachable well ->
                lagging()
                        .<ClusterHealth>map(each -> new ClusterHealth.Unreachable(each.currentUntil(), untold(each)))
                        .orElse(well);
        };
    }

    @Override
    public void close() {
        watchdog.shutdown();
        watched.close();
        schedulers.close();
        api.close(); // what the watchdog is waiting for ends with it
    }

    private void requireCurrent() throws ClusterUnavailableException {
        requireCurrent(watched.all().toArray(Watched<?>[]::new));
    }

    private void requireCurrent(Watched<?>... needed) throws ClusterUnavailableException {
        api.requireReachable();
        for (Watched<?> each : needed) {
            if (!each.isCurrent()) {
                throw notCurrent(each);
            }
        }
    }

    private Optional<Watched<?>> lagging() {
        return watched.all().filter(each -> !each.isCurrent()).findFirst();
    }

    private static String untold(Watched<?> lagging) {
        return "Kubernetes answers, but has not told yet which %s there are.".formatted(lagging.kind());
    }

    private static ClusterUnavailableException notCurrent(Watched<?> lagging) {
        return new ClusterUnavailableException(
                untold(lagging), new IllegalStateException("no current list of " + lagging.kind()));
    }

    private Set<String> namespacesOf(JobId job) {
        var found = new HashSet<String>();
        Stream.of(watched.anchors(job).stream(), watched.workloads(job), watched.pods(job).stream())
                .flatMap(each -> each)
                .forEach(each -> found.add(each.getMetadata().getNamespace()));
        Applied applied = justApplied.get(job);
        if (applied != null) {
            found.add(applied.namespace());
        }
        return found;
    }

    private void changed(JobId job) {
        listeners.forEach(each -> each.accept(job));
    }

    /** What the watches tell, passed on to who wants to know of a job. */
    private final class Changes implements WatchedObjects.Listener {

        @Override
        public void anchorChanged(JobId job, boolean gone) {
            justApplied.remove(job);
            forgetIfNothingIsLeft(job);
            changed(job);
        }

        @Override
        public void workloadChanged(JobId job) {
            justApplied.computeIfPresent(job, (_, applied) -> applied.anchored() ? applied : null);
            forgetIfNothingIsLeft(job);
            changed(job);
        }

        @Override
        public void podChanged(JobId job, Pod pod, boolean gone) {
            sightings.saw(job, pod, gone);
            forgetIfNothingIsLeft(job);
            changed(job);
        }

        @Override
        public void warned(Event event) {
            watched.jobOf(News.workload(event)).ifPresent(KubernetesCluster.this::changed);
        }

        private void forgetIfNothingIsLeft(JobId job) {
            if (!isKnown(job) && watched.pods(job).isEmpty() && !justApplied.containsKey(job)) {
                sightings.forget(job);
            }
        }
    }
}
