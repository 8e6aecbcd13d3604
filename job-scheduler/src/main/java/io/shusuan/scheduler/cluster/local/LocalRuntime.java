package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Mount;
import io.shusuan.scheduler.spec.TaskRole;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the jobs of this machine share: folders, ports, a timer, and the way a process is started. */
final class LocalRuntime implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalRuntime.class);

    private final LocalSettings settings;
    private final Ports ports;
    private final Path leader;
    static final String NODE = "local";
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("local-cluster").daemon().factory());
    private volatile Consumer<JobId> listener = job -> {};

    LocalRuntime(LocalSettings settings) throws IOException {
        this.settings = settings;
        this.ports = new Ports(settings.firstPort(), settings.lastPort());
        Files.createDirectories(settings.tasks());
        Files.createDirectories(settings.artifacts());
        this.leader = settings.tasks().resolve("attempt.sh");
        try (var script = Objects.requireNonNull(LocalRuntime.class.getResourceAsStream("attempt.sh"))) {
            var part = settings.tasks().resolve("attempt.sh.part");
            Files.copy(script, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, leader, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    Path folderOf(JobId job) {
        return settings.tasks().resolve(job.toString());
    }

    Path artifactsOf(JobId job) {
        return settings.artifacts().resolve(job.toString());
    }

    List<Integer> takePorts(int count) throws IOException {
        return ports.take(count);
    }

    void adoptPorts(AttemptFolder attempt) {
        ports.adopt(attempt.ports());
    }

    void release(AttemptFolder attempt) {
        ports.release(attempt.ports());
    }

    void listen(Consumer<JobId> newListener) {
        listener = newListener;
    }

    void changed(JobId job) {
        listener.accept(job);
    }

    /** Something that may block or fail. */
    interface Step {
        void run() throws IOException, InterruptedException;
    }

    void execute(Step step) {
        Thread.ofVirtual().name("local-cluster-step").start(() -> {
            try {
                step.run();
            } catch (IOException e) {
                log.warn("local cluster: {}", e.toString());
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        });
    }

    void every(Duration period, Runnable work) {
        var _ = timer.scheduleWithFixedDelay(work, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    void later(Duration wait, LocalJob job) {
        if (!timer.isShutdown()) {
            var _ = timer.schedule(() -> execute(job::converge), wait.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Starts the leader of an attempt, in a session of its own so that neither the end of the platform nor a Ctrl-C on its
     * terminal reaches it. Doing so twice for one attempt runs it once.
     */
    void launch(Workload workload, TaskRole role, AttemptFolder attempt) throws IOException {
        Files.createDirectories(artifactsOf(workload.job()));
        var builder = new ProcessBuilder(
                "setsid", "/bin/sh", leader.toString(), attempt.path().toString());
        builder.environment().clear();
        builder.environment().putAll(environment(workload, role, attempt));
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.start();
    }

    private Map<String, String> environment(Workload workload, TaskRole role, AttemptFolder attempt) {
        var env = new LinkedHashMap<String, String>();
        // Of the platform's own environment only what a program needs to run at all: the rest may hold secrets.
        for (var name : List.of("HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR", "JAVA_HOME")) {
            var value = System.getenv(name);
            if (value != null) {
                env.put(name, value);
            }
        }
        env.put(
                "PATH",
                Stream.concat(settings.path().stream().map(Path::toString), Stream.ofNullable(System.getenv("PATH")))
                        .collect(Collectors.joining(":")));
        env.putAll(workload.spec().env());
        env.putAll(role.env());
        env.putAll(workload.extraEnv());
        env.put("HOST", "127.0.0.1");
        var taken = attempt.ports();
        for (var i = 0; i < taken.size(); i++) {
            env.put("PORT_" + i, taken.get(i).toString());
        }
        if (!taken.isEmpty()) {
            env.put("PORT", taken.getFirst().toString());
        }
        env.put("SHUSUAN_JOB_ID", workload.job().toString());
        env.put("SHUSUAN_JOB_NAME", workload.spec().name().value());
        env.put("SHUSUAN_TASK_ROLE", role.name());
        env.put("SHUSUAN_TASK_INDEX", Integer.toString(attempt.index()));
        env.put(ProcessTree.ID_VARIABLE, attempt.path().toString());
        env.put("SHUSUAN_ARTIFACTS", artifactsOf(workload.job()).toString());
        if (role.perTask().gpus() == 0) {
            env.put("CUDA_VISIBLE_DEVICES", "");
        }
        for (var mount : workload.spec().mounts()) {
            if (mount instanceof Mount.Artifacts artifacts) {
                var source = Objects.requireNonNull(workload.artifactSources().get(artifacts.name()));
                env.put(mount.variable(), artifactsOf(source).toString());
            }
        }
        return env;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
