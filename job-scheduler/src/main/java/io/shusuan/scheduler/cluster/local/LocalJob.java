package io.shusuan.scheduler.cluster.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.db.job.JobKind;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.TaskRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One workload on this machine. {@link #converge} looks at the folders and does what is missing: it starts tasks that never
 * ran, watches those that run, and starts inference tasks anew, ever more slowly, when they end.
 */
final class LocalJob {

    private static final Logger log = LoggerFactory.getLogger(LocalJob.class);
    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);
    private static final int KEPT_ATTEMPTS = 5;

    private final LocalRuntime runtime;
    private final Path folder;
    private final Workload workload;

    @GuardedBy("this")
    private final Set<String> watched = new HashSet<>();

    private final Set<String> ready = ConcurrentHashMap.newKeySet();

    LocalJob(LocalRuntime runtime, Workload workload) {
        this.runtime = runtime;
        this.workload = workload;
        this.folder = runtime.folderOf(workload.job());
    }

    synchronized void converge() throws IOException {
        Files.createDirectories(folder);
        var stopping = StopOrder.isGiven(folder);
        for (var role : spec().taskRoles()) {
            for (var index = 0; index < role.taskNumber(); index++) {
                converge(role, index, stopping);
            }
        }
    }

    @GuardedBy("this")
    private void converge(TaskRole role, int index, boolean stopping) throws IOException {
        var attempts = AttemptFolder.ofTask(folder, role.name(), index);
        if (attempts.isEmpty()) {
            if (!stopping) {
                start(role, AttemptFolder.of(folder, role.name(), index, 1));
            }
            return;
        }
        var last = attempts.getLast();
        if (last.exitCode().isPresent()) {
            ended(role, last, attempts, stopping);
        } else if (last.leader().isPresent()) {
            watch(last);
        } else if (!last.started()) {
            if (!stopping) {
                start(role, last);
            }
        } else if (last.exitCode().isEmpty()) {
            // Started, gone, and no word of how it ended: the machine or the leader was killed.
            new ProcessTree(last.path().toString(), last.pid().orElse(-1)).signal("KILL");
            last.end(137, "Lost its process is gone and left no exit code: it was killed, or the machine restarted");
            runtime.changed(workload.job());
            runtime.later(Duration.ZERO, this);
        }
    }

    @GuardedBy("this")
    private void ended(TaskRole role, AttemptFolder last, List<AttemptFolder> attempts, boolean stopping)
            throws IOException {
        ready.remove(last.uid());
        if (watched.remove(last.uid())) {
            runtime.release(last);
            runtime.changed(workload.job());
        }
        if (stopping || spec().kind() == JobKind.TRAINING) {
            return;
        }
        var wait = Duration.between(
                Instant.now(), last.endedAt().orElseGet(Instant::now).plus(backoff(last)));
        if (wait.isPositive()) {
            runtime.later(wait, this);
            return;
        }
        forgetOld(attempts);
        start(role, AttemptFolder.of(folder, role.name(), last.index(), last.number() + 1));
    }

    /** The first restart follows after a second; an attempt that served for ten minutes wipes the slate clean. */
    private static Duration backoff(AttemptFolder last) {
        var ran = Duration.between(
                last.startedAt().orElseGet(Instant::now), last.endedAt().orElseGet(Instant::now));
        if (ran.compareTo(Duration.ofMinutes(10)) > 0) {
            return Duration.ofSeconds(1);
        }
        var wait = Duration.ofSeconds(1L << Math.min(last.number() - 1, 10));
        return wait.compareTo(LONGEST_BACKOFF) < 0 ? wait : LONGEST_BACKOFF;
    }

    private static void forgetOld(List<AttemptFolder> attempts) throws IOException {
        for (var old : attempts.subList(0, Math.max(0, attempts.size() - KEPT_ATTEMPTS))) {
            Folders.delete(old.path());
        }
    }

    @GuardedBy("this")
    private void start(TaskRole role, AttemptFolder attempt) throws IOException {
        if (!attempt.created()) {
            attempt.create(role.command(), runtime.takePorts(role.ports().size()));
        }
        runtime.launch(workload, role, attempt);
        watch(attempt);
        runtime.changed(workload.job());
    }

    @GuardedBy("this")
    private void watch(AttemptFolder attempt) {
        if (!watched.add(attempt.uid())) {
            return;
        }
        runtime.adoptPorts(attempt);
        // The leader may not have written its number yet; looking again soon is simpler than waiting for it.
        attempt.leader().ifPresentOrElse(leader -> onExit(leader, attempt), () -> lookAgain(attempt));
    }

    private void onExit(ProcessHandle leader, AttemptFolder attempt) {
        var _ = leader.onExit().thenRun(() -> afterExit(attempt));
    }

    private void lookAgain(AttemptFolder attempt) {
        runtime.execute(() -> {
            synchronized (this) {
                watched.remove(attempt.uid());
            }
            TimeUnit.MILLISECONDS.sleep(20);
            runtime.later(Duration.ZERO, this);
        });
    }

    /** The leader has gone: whoever it left behind goes too, then the next step is taken. */
    private void afterExit(AttemptFolder attempt) {
        runtime.execute(() -> {
            var left = new ProcessTree(attempt.path().toString(), attempt.pid().orElse(-1));
            if (left.anyAlive()) {
                left.signal("KILL");
            }
            converge();
        });
    }

    /** Asks every attempt that is not yet ready whether it takes connections. Returns whether anything changed. */
    boolean probe() {
        var changed = false;
        for (var attempt : current()) {
            var now = attempt.exitCode().isEmpty() && attempt.leader().isPresent() && Probe.answers(attempt.ports());
            changed |= now ? ready.add(attempt.uid()) : ready.remove(attempt.uid());
        }
        return changed;
    }

    boolean wantsProbing() {
        return serves() && current().stream().anyMatch(a -> !ready.contains(a.uid()));
    }

    boolean serves() {
        return spec().kind() == JobKind.INFERENCE;
    }

    private List<AttemptFolder> current() {
        var current = new ArrayList<AttemptFolder>();
        for (var role : spec().taskRoles()) {
            for (var index = 0; index < role.taskNumber(); index++) {
                var attempts = AttemptFolder.ofTask(folder, role.name(), index);
                if (!attempts.isEmpty()) {
                    current.add(attempts.getLast());
                }
            }
        }
        return current;
    }

    void boundOutput(long kept) throws IOException, InterruptedException {
        for (var attempt : current()) {
            KeptOutput.bound(attempt, kept);
        }
    }

    Observation observe() {
        var attempts = new ArrayList<Attempt>();
        var events = new ArrayList<ClusterEvent>();
        for (var role : spec().taskRoles()) {
            if (role.image() != null) {
                events.add(new ClusterEvent(
                        "image-" + role.name(),
                        true,
                        "ImageNotUsed",
                        "dockerImage %s of role %s is not used on the local cluster: its command runs as a process of this machine"
                                .formatted(role.image(), role.name())));
            }
            for (var index = 0; index < role.taskNumber(); index++) {
                AttemptFolder.ofTask(folder, role.name(), index).stream()
                        .map(attempt ->
                                new Sighting(attempt, role, spec().kind(), ready.contains(attempt.uid())).attempt())
                        .forEach(attempts::add);
            }
        }
        attempts.sort(Comparator.comparing(Attempt::uid));
        return new Observation(attempts, events);
    }

    private JobSpec spec() {
        return workload.spec();
    }

    void failed(Exception why) {
        log.warn("job {}: {}", workload.job(), why.toString());
    }
}
