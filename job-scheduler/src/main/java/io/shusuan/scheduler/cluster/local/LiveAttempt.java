package io.shusuan.scheduler.cluster.local;

import io.shusuan.scheduler.cluster.local.Processes.Member;
import io.shusuan.scheduler.spec.Readiness;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What this run of the platform knows of an attempt that may still live: whether its leader does, and whether it serves. */
final class LiveAttempt {

    private static final long ADOPTED_PERIOD = Duration.ofMillis(200).toNanos();
    private static final int LOOKS_PER_PROOF_OF_LIFE = 5;
    private static final long EAGER_PERIOD = Duration.ofMillis(50).toNanos();
    private static final long PATIENT_PERIOD = Duration.ofMillis(500).toNanos();
    private static final long EAGER_FOR = Duration.ofSeconds(30).toNanos();
    private static final Duration LONGEST_WAIT = Duration.ofMillis(200);

    private static final long READY_PERIOD = Duration.ofSeconds(5).toNanos();

    final AttemptFolder folder;
    final Plan plan;
    private final @Nullable Probe probe;
    private final long since = System.nanoTime();
    private volatile boolean ready;
    private volatile @Nullable String whyNotReady;

    /** Not a child of ours, so that nobody tells us of its end. */
    private volatile boolean adopted;

    private @Nullable Member leader;
    private int looks;
    private long nextLook = since;
    private long nextProbe = since;
    private @Nullable Future<@Nullable String> asked;
    private int refusals;

    LiveAttempt(AttemptFolder folder, Plan plan, boolean serves, boolean adopted) {
        this.folder = folder;
        this.plan = plan;
        this.probe = serves ? Probe.of(plan) : null;
        this.adopted = adopted;
    }

    boolean ready() {
        return ready;
    }

    /** Nothing, if it is ready or was not asked yet. */
    @Nullable
    String whyNotReady() {
        return whyNotReady;
    }

    void adopt() {
        adopted = true;
    }

    void notReady() {
        ready = false;
        whyNotReady = null;
    }

    /** Whether its command has ended, as far as only looking can tell. For one thread. */
    boolean foundEnded(long now) throws IOException {
        if (!adopted || now < nextLook) {
            return false;
        }
        nextLook = now + ADOPTED_PERIOD;
        if (leader == null && looks % LOOKS_PER_PROOF_OF_LIFE == 0) {
            leader = Processes.leader(folder.pid(), folder.id());
        }
        // Its word is looked for often; whether it died without one, which costs more, now and then.
        return folder.commandHasEnded()
                || (looks++ % LOOKS_PER_PROOF_OF_LIFE == 0 && (leader == null || !leader.isAlive()));
    }

    /** Asks what serves whether it is ready, and hears what it answers. Returns whether that is news. For one thread. */
    boolean probe(long now) {
        if (probe == null || now < nextProbe) {
            return false;
        }
        if (asked == null) {
            asked = probe.ask();
        }
        if (!asked.isDone()) {
            return false;
        }
        var answered = asked;
        asked = null;
        return hears(answered.resultNow(), now);
    }

    private boolean hears(@Nullable String refusal, long now) {
        refusals = refusal == null ? 0 : refusals + 1;
        nextProbe = now + (refusal == null ? READY_PERIOD : now - since < EAGER_FOR ? EAGER_PERIOD : PATIENT_PERIOD);
        if (ready && refusal != null && refusals < Readiness.REFUSALS) {
            return false;
        }
        var news = ready != (refusal == null) || !Objects.equals(whyNotReady, refusal);
        ready = refusal == null;
        whyNotReady = refusal;
        return news;
    }

    /** The same at once, for who takes up what may serve already: it shall not be thought not ready meanwhile. */
    void probeAtOnce() {
        probe(System.nanoTime());
        if (asked == null) {
            return;
        }
        try {
            asked.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException later) {
            return; // asked again with the others
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return;
        }
        probe(System.nanoTime());
    }
}
