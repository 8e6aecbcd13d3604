package io.shusuan.scheduler.cluster.local;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.scheduler.cluster.local.Processes.Member;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees attempts to their end. An attempt is over when no process of it lives: what a command leaves behind is killed, and
 * what should stop is told so by TERM, and killed when its grace has passed. One thread with one look at all processes serves
 * however many attempts end at once.
 */
final class Reaper implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Reaper.class);
    private static final long SHORTEST_PAUSE = Duration.ofMillis(10).toMillis();
    private static final long LONGEST_PAUSE = Duration.ofMillis(250).toMillis();

    @GuardedBy("this")
    private final Map<AttemptFolder, Dying> dying = new HashMap<>();

    @GuardedBy("this")
    private boolean news;

    @GuardedBy("this")
    private boolean closed;

    Reaper() {
        Thread.ofPlatform().name("local-cluster-reaper").daemon().start(this::run);
    }

    /** An attempt on its way out, and all of its processes ever seen. */
    private static final class Dying {
        final LocalJob job;
        final AttemptFolder folder;
        final Set<Member> known = new HashSet<>();
        boolean askedToEnd;
        boolean inTrouble;
        boolean askedAgain;

        Dying(LocalJob job, AttemptFolder folder) {
            this.job = job;
            this.folder = folder;
        }
    }

    /** Asks to look after an attempt whose leader is gone or that should stop. May be asked again. */
    synchronized void seeOff(LocalJob job, AttemptFolder attempt) {
        if (!closed) {
            dying.computeIfAbsent(attempt, folder -> new Dying(job, folder)).askedAgain = true;
            news = true;
            notifyAll();
        }
    }

    private void run() {
        var pause = SHORTEST_PAUSE;
        try {
            while (await(pause)) {
                var progress = pass();
                pause = progress ? SHORTEST_PAUSE : Math.min(LONGEST_PAUSE, pause * 2);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until there is something to do, and then at most so long, less when something comes. False at the end. */
    private synchronized boolean await(long pauseMillis) throws InterruptedException {
        while (dying.isEmpty() && !closed) {
            wait();
        }
        var until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        while (!news && !closed && System.nanoTime() < until) {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, until - System.nanoTime()));
        }
        news = false;
        return !closed;
    }

    /** Returns whether anything ended. */
    private boolean pass() {
        Set<Dying> todo;
        synchronized (this) {
            todo = Set.copyOf(dying.values());
            todo.forEach(each -> each.askedAgain = false);
        }
        var progress = false;
        try {
            var processes = Processes.look();
            for (var each : todo) {
                progress |= look(each, processes);
            }
        } catch (IOException | RuntimeException e) {
            log.warn("cannot look at the processes of this machine: {}", e.toString());
        }
        return progress;
    }

    private boolean look(Dying each, Processes processes) {
        try {
            if (!isDone(each, processes)) {
                return false;
            }
            synchronized (this) {
                return each.askedAgain || dying.remove(each.folder, each);
            }
        } catch (IOException | RuntimeException e) {
            if (!each.inTrouble) {
                log.warn("cannot close attempt {}, will be tried again: {}", each.folder.id(), e.toString());
                each.inTrouble = true;
            }
            return false;
        }
    }

    /** Whether there is nothing more to do here, since all of it has ended or since it should live. */
    private static boolean isDone(Dying each, Processes processes) throws IOException {
        var pid = each.folder.pid();
        var living = processes.of(each.folder.id(), pid, each.known);
        if (living.isEmpty()) {
            each.job.allGone(each.folder);
            return true;
        }
        each.known.addAll(living);
        var order = StopOrder.read(each.folder.jobFolder()).orElse(null);
        if (order == null && !each.folder.commandHasEnded()) {
            if (pid.isEmpty()) {
                return false; // its leader has begun this very moment
            }
            if (living.stream().anyMatch(member -> member.pid() == pid.getAsInt())) {
                each.job.livesOn(each.folder);
                return true;
            }
        }
        if (order == null || !Instant.now().isBefore(order.killAt())) {
            living.forEach(member -> member.end(true));
        } else if (!each.askedToEnd) {
            each.askedToEnd = true;
            living.forEach(member -> member.end(false));
        }
        return false;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
