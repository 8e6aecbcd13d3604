package io.shusuan.scheduler.cluster.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Observation.ClusterEvent;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.TaskRole;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * One job on this machine. {@link #converge} looks at the folders and does what is missing: it starts tasks that never ran,
 * watches those that run, and starts inference tasks anew, ever more slowly, when they end. A job that was found after a
 * restart of the platform is watched at once, and started further only when its workload is said again.
 */
final class LocalJob {

    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);
    private static final Duration HEALTHY = Duration.ofMinutes(10);
    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(2);
    private static final int KEPT_ATTEMPTS = 5;
    private static final String STOPPED = "Stopped stopped on request";

    private final LocalRuntime runtime;
    private final JobId id;
    private final Path folder;
    private final JobFolder notes;
    private final Map<String, LiveAttempt> live = new ConcurrentHashMap<>();

    @GuardedBy("this")
    private @Nullable Workload workload;

    @GuardedBy("this")
    private @Nullable ScheduledFuture<?> next;

    @GuardedBy("this")
    private boolean removed;

    LocalJob(LocalRuntime runtime, JobId id) {
        this.runtime = runtime;
        this.id = id;
        this.folder = runtime.folderOf(id);
        this.notes = new JobFolder(folder);
    }

    /** Takes up what an earlier run of the platform has started; false if nothing of it may live. */
    synchronized boolean adopt() throws IOException {
        if (notes.isSettled()) {
            return false;
        }
        for (var attempt : AttemptFolder.ofJob(folder)) {
            if (attempt.over()) {
                continue;
            }
            if (attempt.taken()) {
                watch(attempt);
            } else {
                // Its leader may be about to begin, or was never started: applying the job again tells.
                runtime.adopt(attempt.plan());
            }
        }
        return !live.isEmpty();
    }

    synchronized void apply(Workload said) throws IOException {
        if (notes.begin(said)) {
            workload = said;
            converge();
        }
    }

    private synchronized void converge() throws IOException {
        if (removed || workload == null || StopOrder.isGiven(folder)) {
            return;
        }
        @Nullable Duration wait = null;
        for (var role : workload.spec().taskRoles()) {
            for (var index = 0; index < role.taskNumber(); index++) {
                var open = converge(workload, role, index);
                wait = wait == null || (open != null && open.compareTo(wait) < 0) ? open : wait;
            }
        }
        if (wait != null) {
            later(wait);
        }
    }

    /** Takes the next step of one task. Returns after which time another is due, or null if only its end brings one. */
    @GuardedBy("this")
    private @Nullable Duration converge(Workload said, TaskRole role, int index) throws IOException {
        var attempts = AttemptFolder.ofTask(folder, role.name(), index);
        if (attempts.isEmpty()) {
            start(said, role, AttemptFolder.of(folder, role.name(), index, 1), 0);
            return null;
        }
        var last = attempts.getLast();
        if (last.over()) {
            if (last.plan().run() < said.run()) {
                startNext(said, role, attempts, 0);
                return null;
            }
            return said.spec().kind().serves() ? startAnew(said, role, attempts) : null;
        }
        if (live.containsKey(last.uid())) {
            return null;
        }
        if (last.taken() || (last.created() && !last.plan().isOfThisBoot())) {
            watch(last);
        } else {
            start(said, role, last, 0);
        }
        return null;
    }

    @GuardedBy("this")
    private @Nullable Duration startAnew(Workload said, TaskRole role, List<AttemptFolder> attempts)
            throws IOException {
        var last = attempts.getLast();
        var ended = last.endedAt().orElseGet(Instant::now);
        var ran = Duration.between(last.startedAt().orElse(ended), ended);
        var failures = ran.compareTo(HEALTHY) > 0 ? 0 : last.plan().failures() + 1;
        var wait = Duration.between(Instant.now(), ended.plus(backoff(failures)));
        if (wait.isPositive()) {
            return wait;
        }
        startNext(said, role, attempts, failures);
        return null;
    }

    @GuardedBy("this")
    private void startNext(Workload said, TaskRole role, List<AttemptFolder> attempts, int failures)
            throws IOException {
        for (var old : attempts.subList(0, Math.max(0, attempts.size() - KEPT_ATTEMPTS))) {
            Folders.delete(old.path());
        }
        var last = attempts.getLast();
        start(said, role, AttemptFolder.of(folder, role.name(), last.index(), last.number() + 1), failures);
    }

    /** One second after the first failure, then twice as long each time; ten good minutes wipe the slate clean. */
    private static Duration backoff(int failures) {
        var wait = Duration.ofSeconds(1L << Math.clamp(failures - 1, 0, 10));
        return wait.compareTo(LONGEST_BACKOFF) < 0 ? wait : LONGEST_BACKOFF;
    }

    @GuardedBy("this")
    private void start(Workload said, TaskRole role, AttemptFolder attempt, int failures) throws IOException {
        if (!attempt.created()) {
            var plan = runtime.plan(role, said.run(), failures);
            try {
                attempt.create(role.command(), plan);
            } catch (IOException e) {
                runtime.release(plan);
                throw e;
            }
        }
        var plan = attempt.plan();
        runtime.adopt(plan);
        try {
            var process = runtime.launch(said, role, attempt, plan);
            live.put(attempt.uid(), new LiveAttempt(attempt, plan, serves(), false));
            var _ = process.onExit().thenRun(() -> runtime.reaper().seeOff(this, attempt));
        } catch (IOException e) {
            if (live.get(attempt.uid()) == null) {
                runtime.release(plan);
                Folders.delete(attempt.path());
            }
            throw e;
        }
        runtime.changed(id);
    }

    @GuardedBy("this")
    private void watch(AttemptFolder attempt) throws IOException {
        var plan = attempt.plan();
        runtime.adopt(plan);
        var found = new LiveAttempt(attempt, plan, serves(), true);
        found.probeAtOnce();
        live.put(attempt.uid(), found);
        if (!attempt.taken() || StopOrder.isGiven(folder)) {
            runtime.reaper().seeOff(this, attempt);
        }
    }

    /** Begins the end of what lives; what has not begun never will. */
    synchronized void stop(Duration grace) throws IOException {
        StopOrder.give(folder, grace);
        cancelNext();
        for (var attempt : AttemptFolder.ofJob(folder)) {
            if (attempt.over()) {
                continue;
            }
            if (!attempt.commandHasEnded() && attempt.verdict().isEmpty()) {
                attempt.judge(STOPPED);
            }
            attempt.takeAway();
            var known = live.get(attempt.uid());
            if (known == null) {
                watch(attempt);
            } else {
                known.notReady();
            }
            runtime.reaper().seeOff(this, attempt);
        }
    }

    /** The reaper found no living process of an attempt: it is over. */
    synchronized void allGone(AttemptFolder attempt) throws IOException {
        if (!removed && Files.exists(attempt.path())) {
            if (!attempt.commandHasEnded() && attempt.verdict().isEmpty()) {
                attempt.judge(lost(attempt));
            }
            KeptOutput.bound(attempt, runtime.keptOutput());
            attempt.close();
        }
        var known = live.remove(attempt.uid());
        if (known != null) {
            runtime.release(known.plan);
        }
        if (!removed) {
            later(Duration.ZERO);
        }
        notifyAll();
        runtime.changed(id);
    }

    private static String lost(AttemptFolder attempt) throws IOException {
        if (!attempt.plan().isOfThisBoot()) {
            return "Lost the machine was restarted while it ran";
        }
        return attempt.takeAway() || attempt.pid().isEmpty()
                ? "NotStarted its leader could not begin: the disk may be full, or its folder was touched by others"
                : "Lost its leading process was killed and left no exit code";
    }

    /** The reaper found its leader alive: somebody else started it. */
    synchronized void livesOn(AttemptFolder attempt) {
        var known = live.get(attempt.uid());
        if (known != null) {
            known.adopt();
        }
    }

    /** Kills what lives, waits for its end, and deletes all files. */
    synchronized void remove(Duration wait) throws IOException, InterruptedException {
        if (Files.exists(folder)) {
            stop(Duration.ZERO);
        }
        removed = true;
        var deadline = System.nanoTime() + wait.toNanos();
        while (!live.isEmpty()) {
            var left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                removed = false;
                throw new IOException("processes of it do not end: " + live.keySet());
            }
            wait(left);
        }
        cancelNext();
        Folders.delete(folder);
        Folders.delete(runtime.artifactsOf(id));
    }

    @GuardedBy("this")
    private void later(Duration wait) {
        cancelNext();
        next = runtime.later(wait, this::nextStep);
    }

    private void nextStep() {
        try {
            converge();
        } catch (IOException | RuntimeException e) {
            runtime.trouble(id, e);
            synchronized (this) {
                later(AFTER_TROUBLE);
            }
        }
    }

    @GuardedBy("this")
    private void cancelNext() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    /** Looks at what only looking tells. Called often: reads no folders of tasks that are our children and serve nothing. */
    void tick(long now) {
        for (var attempt : live.values()) {
            try {
                if (attempt.foundEnded(now)) {
                    attempt.notReady();
                    runtime.reaper().seeOff(this, attempt.folder);
                }
                if (attempt.probe(now)) {
                    runtime.changed(id);
                }
            } catch (IOException | RuntimeException e) {
                runtime.trouble(id, e);
            }
        }
    }

    void boundOutput() throws IOException {
        for (var attempt : live.values()) {
            KeptOutput.bound(attempt.folder, runtime.keptOutput());
        }
    }

    /** Whether nothing is left to do for ever, so that its folder says all there is to say. */
    synchronized boolean isSettled() throws IOException {
        if (removed) {
            return true;
        }
        if (!live.isEmpty() || !(StopOrder.isGiven(folder) || allTasksHaveEnded())) {
            return false;
        }
        notes.settle();
        return true;
    }

    @GuardedBy("this")
    private boolean allTasksHaveEnded() throws IOException {
        if (workload == null || workload.spec().kind().serves()) {
            return false;
        }
        var ended = 0;
        for (var attempt : AttemptFolder.ofJob(folder)) {
            if (attempt.over() && attempt.plan().run() == workload.run()) {
                ended++;
            }
        }
        return ended == workload.spec().taskCount();
    }

    Observation observe() throws IOException {
        Workload said;
        synchronized (this) {
            said = workload;
        }
        var kind = notes.kind();
        var attempts = new ArrayList<Attempt>();
        for (var attempt : AttemptFolder.ofJob(folder)) {
            var known = live.get(attempt.uid());
            var role = said == null ? null : role(said, attempt.role());
            attempts.add(new Sighting(attempt, role, kind, known).attempt());
        }
        return new Observation(
                attempts, said == null ? List.of() : imagesNotUsed(said.spec().taskRoles()));
    }

    private static @Nullable TaskRole role(Workload said, String name) {
        return said.spec().taskRoles().stream()
                .filter(role -> role.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static List<ClusterEvent> imagesNotUsed(Collection<TaskRole> roles) {
        return roles.stream()
                .filter(role -> role.image() != null)
                .map(role -> new ClusterEvent(
                        "image-" + role.name(),
                        true,
                        "ImageNotUsed",
                        "dockerImage %s of role %s is not used on the local cluster: its command runs as a process of this machine"
                                .formatted(role.image(), role.name())))
                .toList();
    }

    private boolean serves() throws IOException {
        return notes.kind().serves();
    }
}
