package io.shusuan.scheduler.cluster.local;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskRole;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the jobs of this machine share: folders, ports, GPUs, timers, the reaper, and the way a process is started. */
final class LocalRuntime implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LocalRuntime.class);
    static final String NODE = "local";

    private final LocalSettings settings;
    private final Ports ports;
    private final Gpus gpus;
    private final Path leader;
    private final Reaper reaper = new Reaper();
    private final ScheduledExecutorService timer = timer("local-cluster-timer");
    private volatile Consumer<JobId> listener = job -> {};

    LocalRuntime(LocalSettings settings) throws IOException {
        this.settings = settings;
        this.ports = new Ports(settings.firstPort(), settings.lastPort());
        this.gpus = new Gpus(settings.limit().gpus());
        Folders.createPrivate(settings.tasks());
        Folders.createPrivate(settings.artifacts());
        this.leader = settings.tasks().resolve("attempt.sh");
        try (var script = Objects.requireNonNull(LocalRuntime.class.getResourceAsStream("attempt.sh"))) {
            var part = settings.tasks().resolve("attempt.sh.new");
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

    long keptOutput() {
        return settings.keptOutput();
    }

    Reaper reaper() {
        return reaper;
    }

    /** Takes what a task of this role needs, or nothing of it. */
    Plan plan(TaskRole role, int run, int failures) throws IOException {
        var takenPorts = ports.take(role.ports().size());
        try {
            return new Plan(
                    takenPorts,
                    gpus.take(role.perTask().gpus()),
                    readiness(role, takenPorts),
                    run,
                    failures,
                    Plan.BOOT);
        } catch (IOException noGpu) {
            ports.release(takenPorts);
            throw noGpu;
        }
    }

    private static Plan.@Nullable Readiness readiness(TaskRole role, List<Integer> taken) {
        var readiness = role.readiness();
        return readiness == null
                ? null
                : new Plan.Readiness(taken.get(role.ports().indexOf(readiness.port())), readiness.path());
    }

    void adopt(Plan plan) {
        ports.adopt(plan.ports());
        gpus.adopt(plan.gpus());
    }

    void release(Plan plan) {
        ports.release(plan.ports());
        gpus.release(plan.gpus());
    }

    void listen(Consumer<JobId> newListener) {
        listener = newListener;
    }

    void changed(JobId job) {
        listener.accept(job);
    }

    void trouble(JobId job, Exception why) {
        log.warn("job {} on this machine: {}", job, why.toString());
    }

    /** Runs a step after a while, in a thread of its own since it may block. Null when the platform is ending. */
    @Nullable
    ScheduledFuture<?> later(Duration wait, Runnable step) {
        try {
            return timer.schedule(
                    () -> Thread.ofVirtual().name("local-cluster-step").start(step),
                    wait.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException ending) {
            return null;
        }
    }

    static ScheduledExecutorService timer(String name) {
        return Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name(name).daemon().factory());
    }

    /**
     * Starts the leader of an attempt, in a session of its own so that neither the end of the platform nor a Ctrl-C on its
     * terminal reaches it. Doing so twice for one attempt runs it once.
     */
    Process launch(Workload workload, TaskRole role, AttemptFolder attempt, Plan plan) throws IOException {
        Files.createDirectories(artifactsOf(workload.job()));
        var builder = new ProcessBuilder(
                "setsid", "/bin/sh", leader.toString(), attempt.path().toString());
        builder.environment().clear();
        builder.environment()
                .putAll(new AttemptEnvironment(workload, role, attempt, plan).variables(settings, this::artifactsOf));
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        return builder.start();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        reaper.close();
    }
}
