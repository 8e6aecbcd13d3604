package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Mount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The cluster that is this machine. */
public final class LocalCluster implements Cluster {

    private static final Duration PROBE_PERIOD = Duration.ofMillis(50);
    private static final Duration HOUSEKEEPING_PERIOD = Duration.ofSeconds(5);
    private static final Pattern UID = Pattern.compile("(?<role>[a-z0-9-]+)-(?<index>\\d+)-(?<number>\\d+)");

    private final LocalSettings settings;
    private final LocalRuntime runtime;
    private final Map<JobId, LocalJob> jobs = new ConcurrentHashMap<>();

    public LocalCluster(LocalSettings settings) throws IOException {
        this.settings = settings;
        this.runtime = new LocalRuntime(settings);
        runtime.every(PROBE_PERIOD, () -> probe(LocalJob::wantsProbing));
        runtime.every(HOUSEKEEPING_PERIOD, this::houseKeeping);
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public Capacity capacity() {
        return new Capacity(
                List.of(new Capacity.Node(LocalRuntime.NODE, settings.limit(), Resources.NONE, settings.maxTasks())));
    }

    @Override
    public void apply(Workload workload) throws ClusterUnavailableException, ClusterRefusedException {
        for (var mount : workload.spec().mounts()) {
            if (!(mount instanceof Mount.Artifacts)) {
                throw new ClusterRefusedException(
                        "MountNotAvailable",
                        "mount %s is a volume of Kubernetes, which the local cluster cannot mount: use artifacts, or run the job on Kubernetes"
                                .formatted(mount.name()));
            }
        }
        try {
            jobs.computeIfAbsent(workload.job(), id -> new LocalJob(runtime, workload))
                    .converge();
        } catch (IOException e) {
            throw new ClusterUnavailableException("this machine cannot start tasks now: " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<Observation> observe(JobId id) throws ClusterUnavailableException {
        var job = jobs.get(id);
        if (job != null) {
            return Optional.of(job.observe());
        }
        var folder = runtime.folderOf(id);
        if (!Files.exists(folder)) {
            return Optional.empty();
        }
        try {
            // Left by an earlier run of the platform and not applied again, e.g. since it is being stopped.
            return Optional.of(new Observation(
                    attempts(folder).stream()
                            .map(attempt -> new Sighting(attempt, null, JobKind.TRAINING, false).attempt())
                            .toList(),
                    List.of()));
        } catch (IOException e) {
            throw new ClusterUnavailableException("cannot read the tasks of job " + id + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void stop(JobId id, Duration grace) throws ClusterUnavailableException {
        var folder = runtime.folderOf(id);
        try {
            if (!Files.exists(folder)) {
                return;
            }
            StopOrder.give(folder);
            for (var attempt : attempts(folder)) {
                if (attempt.exitCode().isEmpty()) {
                    new Stopping(runtime, id, attempt).begin(grace);
                }
            }
        } catch (IOException e) {
            throw new ClusterUnavailableException("this machine cannot stop tasks now: " + e.getMessage(), e);
        }
    }

    @Override
    public void remove(JobId id) throws ClusterUnavailableException {
        try {
            stop(id, Duration.ZERO);
            Folders.delete(runtime.folderOf(id));
            Folders.delete(runtime.artifactsOf(id));
            jobs.remove(id);
        } catch (IOException e) {
            throw new ClusterUnavailableException("cannot delete the files of job " + id + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Set<JobId> jobs() {
        try (Stream<Path> folders = Files.list(settings.tasks())) {
            var found = new HashSet<JobId>();
            folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .forEach(name -> found.add(JobId.parse(name)));
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public LogReader logs(JobId id, String attemptUid, LogQuery query) throws ClusterUnavailableException {
        var match = UID.matcher(attemptUid);
        if (!match.matches()) {
            throw new ClusterUnavailableException(
                    "'%s' is no attempt of this cluster".formatted(attemptUid),
                    new IllegalArgumentException(attemptUid));
        }
        var attempt = AttemptFolder.of(
                runtime.folderOf(id),
                match.group("role"),
                Integer.parseInt(match.group("index")),
                Integer.parseInt(match.group("number")));
        try {
            return new OutputReader(attempt, query);
        } catch (IOException e) {
            throw new ClusterUnavailableException(e.getMessage() == null ? "cannot read" : e.getMessage(), e);
        }
    }

    @Override
    public void onChange(Consumer<JobId> listener) {
        runtime.listen(listener);
    }

    @Override
    public ClusterHealth health() {
        return new ClusterHealth.Reachable(
                "processes of this machine: %s, %d tasks at most".formatted(settings.limit(), settings.maxTasks()));
    }

    /** Tasks live on; the next start of the platform finds them. */
    @Override
    public void close() {
        runtime.close();
    }

    private void probe(Predicate<LocalJob> wanted) {
        jobs.forEach((id, job) -> {
            try {
                if (wanted.test(job) && job.probe()) {
                    runtime.changed(id);
                }
            } catch (RuntimeException e) {
                job.failed(e);
            }
        });
    }

    private void houseKeeping() {
        probe(LocalJob::serves);
        jobs.forEach((id, job) -> {
            try {
                job.boundOutput(settings.keptOutput());
            } catch (IOException | RuntimeException e) {
                job.failed(e);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
        jobs.keySet().removeIf(id -> !Files.exists(runtime.folderOf(id)));
    }

    private static List<AttemptFolder> attempts(Path jobFolder) throws IOException {
        try (Stream<Path> tasks = Files.list(jobFolder)) {
            return tasks.filter(Files::isDirectory)
                    .map(task -> task.getFileName().toString())
                    .flatMap(task -> {
                        var dash = task.lastIndexOf('-');
                        return AttemptFolder.ofTask(
                                jobFolder, task.substring(0, dash), Integer.parseInt(task.substring(dash + 1)))
                                .stream();
                    })
                    .toList();
        }
    }
}
