package io.shusuan.scheduler.cluster.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader.Read;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;

/** A local cluster with a home of its own, and what tests ask it. At the end nothing of it lives on. */
final class TestMachine implements AutoCloseable {

    static final Duration GRACE = Duration.ofSeconds(20);

    final Path home;
    final LocalSettings settings;
    private final List<JobId> jobs = new ArrayList<>();
    private LocalCluster cluster;

    TestMachine(Path home) throws IOException {
        this(settings(home));
    }

    TestMachine(LocalSettings settings) throws IOException {
        this.home = settings.home();
        this.settings = settings;
        this.cluster = new LocalCluster(settings);
    }

    static LocalSettings settings(Path home) {
        return new LocalSettings(
                home,
                new Resources(64_000, 65_536, 4),
                64,
                List.of(),
                20_000,
                29_999,
                LocalSettings.DEFAULT_KEPT_OUTPUT);
    }

    LocalCluster cluster() {
        return cluster;
    }

    /** As when the platform is started anew. What the old one had in memory is gone. */
    LocalCluster restart() throws IOException {
        cluster.close();
        cluster = new LocalCluster(settings);
        return cluster;
    }

    /** Reads a text; what every text needs may be left out. */
    static Workload workload(JobId job, String text) {
        return workload(job, text, Map.of());
    }

    static Workload workload(JobId job, String text, Map<String, JobId> sources) {
        var spec = new SpecReader().read(text.getBytes(UTF_8)).spec();
        return new Workload(job, 1, Cluster.DEFAULT_GRACE, spec, "ada", sources, Map.of(), List.of(), null);
    }

    static String training(String command) {
        return training(1, command);
    }

    static String training(int tasks, String command) {
        return job("training", tasks, command, "");
    }

    static String serving(int tasks, String command) {
        return job("inference", tasks, command, "  ports: [8000]\n");
    }

    static String job(String kind, int tasks, String command, String more) {
        return """
                jobName: trial
                kind: %s
                taskRoles:
                - name: main
                  taskNumber: %d
                  cpuNumber: 1
                  memoryMB: 64
                  gpuNumber: 0
                  command: |
                %s
                """.formatted(kind, tasks, command.strip().indent(4).stripTrailing()) + more;
    }

    JobId run(String text) throws ClusterUnavailableException, ClusterRefusedException {
        var job = JobId.next();
        apply(workload(job, text));
        return job;
    }

    void apply(Workload workload) throws ClusterUnavailableException, ClusterRefusedException {
        jobs.add(workload.job());
        cluster.apply(workload);
    }

    static ConditionFactory awaiting() {
        return await().atMost(60, SECONDS).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10));
    }

    Observation observe(JobId job) {
        try {
            return cluster.observe(job).orElseThrow();
        } catch (ClusterUnavailableException e) {
            throw new AssertionError(e);
        }
    }

    Attempt newest(JobId job) {
        return observe(job).attempts().getLast();
    }

    /** Waits until all attempts of a job are over. */
    List<Attempt> ended(JobId job) {
        awaiting()
                .until(() -> observe(job).attempts().stream()
                        .allMatch(attempt -> attempt.phase().isFinal()));
        return observe(job).attempts();
    }

    Attempt seen(JobId job, Predicate<Attempt> condition) {
        awaiting().until(() -> observe(job).attempts().stream().anyMatch(condition));
        return observe(job).attempts().stream().filter(condition).findFirst().orElseThrow();
    }

    Attempt running(JobId job) {
        return seen(job, attempt -> attempt.phase() == Phase.RUNNING);
    }

    List<String> output(JobId job, String uid) throws ClusterUnavailableException, IOException, InterruptedException {
        return lines(job, uid, new LogQuery(null, -1, true));
    }

    List<String> lines(JobId job, String uid, LogQuery query)
            throws ClusterUnavailableException, IOException, InterruptedException {
        var lines = new ArrayList<String>();
        try (var reader = cluster.logs(job, uid, query)) {
            while (true) {
                switch (reader.next(Duration.ofSeconds(60))) {
                    case Read.Line line -> lines.add(line.text());
                    case Read.Quiet quiet -> throw new AssertionError("silence after " + lines);
                    case Read.End end -> {
                        return lines;
                    }
                    case Read.Gone gone -> throw new AssertionError(gone.why());
                }
            }
        }
    }

    Path attempt(JobId job, String task, int number) {
        return home.resolve("tasks").resolve(job.toString()).resolve(task).resolve(Integer.toString(number));
    }

    Path artifacts(JobId job) {
        return home.resolve("artifacts").resolve(job.toString());
    }

    /** Waits until a task has written a whole line into a file among its artifacts, and reads it. */
    String told(JobId job, String file) throws IOException {
        var path = artifacts(job).resolve(file);
        awaiting().until(() -> Files.exists(path) && Files.readString(path).endsWith("\n"));
        return Files.readString(path).strip();
    }

    static boolean lives(String pid) {
        return ProcessHandle.of(Long.parseLong(pid)).isPresent()
                && new Processes.Member(Long.parseLong(pid), startTicks(pid)).isAlive();
    }

    private static long startTicks(String pid) {
        try {
            var stat = Files.readString(Path.of("/proc", pid, "stat"));
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19]);
        } catch (IOException gone) {
            return -1;
        }
    }

    static void kill(String pid) {
        ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
    }

    @Override
    public void close() throws ClusterUnavailableException {
        try {
            for (var job : cluster.jobs()) {
                cluster.remove(job);
            }
        } finally {
            cluster.close();
        }
    }
}
