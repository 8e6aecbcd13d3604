package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.NodeMode;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The cluster that is this machine. In memory is only what may still live; all else is read from its folders. */
public final class LocalCluster implements Cluster {

    private static final Duration TICK = Duration.ofMillis(50);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(5);
    private static final Duration REMOVAL = Duration.ofSeconds(10);

    private final LocalSettings settings;
    private final LocalRuntime runtime;
    private final Map<JobId, LocalJob> jobs = new ConcurrentHashMap<>();
    private final ScheduledExecutorService ticker = LocalRuntime.timer("local-cluster-ticker");
    private final ScheduledExecutorService housekeeper = LocalRuntime.timer("local-cluster-housekeeper");
    private final AtomicReference<@Nullable Instant> unusableSince = new AtomicReference<>();

    /** Finds what an earlier run of the platform has left running before anything new is started. */
    public LocalCluster(LocalSettings settings) throws IOException {
        this.settings = settings;
        this.runtime = new LocalRuntime(settings);
        for (var id : foundJobs()) {
            adopt(id);
        }
        var _ = ticker.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
        var _ = housekeeper.scheduleWithFixedDelay(
                this::houseKeeping, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void adopt(JobId id) {
        try {
            var job = new LocalJob(runtime, id);
            if (job.adopt()) {
                jobs.put(id, job);
            }
        } catch (IOException e) {
            runtime.trouble(id, e);
        }
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public Capacity capacity() {
        return new Capacity(List.of(new Capacity.Node(
                LocalRuntime.NODE, Map.of(), Set.of(), settings.limit(), Resources.NONE, settings.maxTasks())));
    }

    @Override
    public void setMode(String node, NodeMode mode) throws ClusterRefusedException {
        throw new ClusterRefusedException(
                "ONLY_NODE",
                "The jobs run on this machine alone, and it cannot be closed: hold or stop the queues instead.");
    }

    @Override
    public Set<String> draining() {
        return Set.of();
    }

    @Override
    public void requireInstalled(Delegate.Scheduler scheduler) throws ClusterRefusedException {
        throw new ClusterRefusedException(
                "NOT_INSTALLED",
                "jobs of this platform run as local processes, where there is no %s: only a platform on Kubernetes can hand queues to it"
                        .formatted(scheduler));
    }

    @Override
    public void apply(Workload workload) throws ClusterUnavailableException, ClusterRefusedException {
        if (Files.notExists(runtime.folderOf(workload.job()))) {
            checkMounts(workload);
        }
        try {
            job(workload.job()).apply(workload);
        } catch (IOException e) {
            throw away("this machine cannot start tasks now", e);
        }
    }

    private void checkMounts(Workload workload) throws ClusterRefusedException {
        for (var mount : workload.spec().mounts()) {
            if (!(mount instanceof Mount.Artifacts)) {
                throw new ClusterRefusedException(
                        "MountNotAvailable",
                        "mount %s is a volume of Kubernetes, which the local cluster cannot mount: use artifacts, or run the job on Kubernetes"
                                .formatted(mount.name()));
            }
            var source = Objects.requireNonNull(workload.artifactSources().get(mount.name()));
            if (Files.notExists(runtime.artifactsOf(source))) {
                throw new ClusterRefusedException(
                        "ArtifactsGone",
                        "the artifacts of job %s for mount %s were deleted: run it again, then submit this job again"
                                .formatted(source, mount.name()));
            }
        }
    }

    @Override
    public Optional<Observation> observe(JobId id) throws ClusterUnavailableException {
        try {
            var job = jobs.get(id);
            if (job == null && Files.notExists(runtime.folderOf(id))) {
                return Optional.empty();
            }
            return Optional.of((job == null ? new LocalJob(runtime, id) : job).observe());
        } catch (IOException e) {
            throw away("cannot read the tasks of job " + id, e);
        }
    }

    @Override
    public void stop(JobId id, Duration grace) throws ClusterUnavailableException {
        try {
            if (Files.exists(runtime.folderOf(id))) {
                job(id).stop(grace);
            }
        } catch (IOException e) {
            throw away("this machine cannot stop tasks now", e);
        }
    }

    @Override
    public void release(JobId id) {
        // Its ports went with its processes, and secrets were theirs alone.
    }

    @Override
    public void remove(JobId id) throws ClusterUnavailableException {
        try {
            job(id).remove(REMOVAL);
            jobs.remove(id);
        } catch (IOException e) {
            throw away("cannot delete the files of job " + id, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterUnavailableException("the removal of job %s was interrupted".formatted(id), e);
        }
    }

    @Override
    public Set<JobId> jobs() throws ClusterUnavailableException {
        try {
            return foundJobs();
        } catch (IOException e) {
            throw away("cannot list the tasks of this machine", e);
        }
    }

    private Set<JobId> foundJobs() throws IOException {
        var found = new HashSet<JobId>();
        for (var name : Folders.names(settings.tasks())) {
            try {
                var id = JobId.parse(name);
                if (id.toString().equals(name) && Files.isDirectory(runtime.folderOf(id))) {
                    found.add(id);
                }
            } catch (IllegalArgumentException notAJob) {
                // Whatever it is, it is not ours.
            }
        }
        return found;
    }

    private LocalJob job(JobId id) {
        return jobs.computeIfAbsent(id, unknown -> new LocalJob(runtime, unknown));
    }

    @Override
    public LogReader logs(JobId id, String attemptUid, LogQuery query) throws ClusterUnavailableException {
        var attempt = AttemptFolder.ofUid(runtime.folderOf(id), attemptUid)
                .orElseThrow(() -> new ClusterUnavailableException(
                        "'%s' is no attempt of the local cluster".formatted(attemptUid),
                        new IllegalArgumentException(attemptUid)));
        try {
            return new OutputReader(attempt, query);
        } catch (IOException e) {
            throw away("cannot read the output of " + attemptUid, e);
        }
    }

    /** Those of this machine are known from the beginning. */
    @Override
    public void watchJobs() {}

    @Override
    public void onChange(Consumer<JobId> listener) {
        runtime.listen(listener);
    }

    @Override
    public ClusterHealth health() {
        if (Files.isDirectory(settings.tasks()) && Files.isWritable(settings.tasks())) {
            unusableSince.set(null);
            return new ClusterHealth.Reachable(
                    "processes of this machine: %s, %d tasks at most".formatted(settings.limit(), settings.maxTasks()));
        }
        unusableSince.compareAndSet(null, Instant.now());
        return new ClusterHealth.Unreachable(
                Objects.requireNonNullElseGet(unusableSince.get(), Instant::now),
                "the folder %s cannot be written".formatted(settings.tasks()));
    }

    /** Tasks live on; the next start of the platform finds them. */
    @Override
    public void close() {
        ticker.shutdownNow();
        housekeeper.shutdownNow();
        runtime.close();
    }

    private void tick() {
        var now = System.nanoTime();
        jobs.values().forEach(job -> job.tick(now));
    }

    private void houseKeeping() {
        jobs.forEach((id, job) -> {
            try {
                job.boundOutput();
                if (job.isSettled()) {
                    jobs.remove(id, job);
                }
            } catch (IOException | RuntimeException e) {
                runtime.trouble(id, e);
            }
        });
    }

    private static ClusterUnavailableException away(String what, IOException why) {
        return new ClusterUnavailableException(
                "%s: %s".formatted(what, Objects.requireNonNullElse(why.getMessage(), why.toString())), why);
    }
}
