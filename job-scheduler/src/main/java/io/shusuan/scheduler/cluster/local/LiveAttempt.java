package io.shusuan.scheduler.cluster.local;

import io.shusuan.scheduler.cluster.local.Processes.Member;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What this run of the platform knows of an attempt that may still live: whether its leader does, and whether it serves. */
final class LiveAttempt {

    private static final long ADOPTED_PERIOD = Duration.ofMillis(200).toNanos();
    private static final int LOOKS_PER_PROOF_OF_LIFE = 5;
    private static final long EAGER_PERIOD = Duration.ofMillis(50).toNanos();
    private static final long PATIENT_PERIOD = Duration.ofMillis(500).toNanos();
    private static final long EAGER_FOR = Duration.ofSeconds(30).toNanos();
    private static final long READY_PERIOD = Duration.ofSeconds(5).toNanos();

    final AttemptFolder folder;
    final Plan plan;
    private final boolean serves;
    private final long since = System.nanoTime();
    private volatile boolean ready;

    /** Not a child of ours, so that nobody tells us of its end. */
    private volatile boolean adopted;

    private @Nullable Member leader;
    private int looks;
    private long nextLook = since;
    private long nextProbe = since;

    LiveAttempt(AttemptFolder folder, Plan plan, boolean serves, boolean adopted) {
        this.folder = folder;
        this.plan = plan;
        this.serves = serves;
        this.adopted = adopted;
    }

    boolean ready() {
        return ready;
    }

    void adopt() {
        adopted = true;
    }

    void notReady() {
        ready = false;
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

    /** Asks what serves whether it takes connections. Returns whether the answer is news. For one thread. */
    boolean probe(long now) {
        if (!serves || now < nextProbe) {
            return false;
        }
        var answers = Probe.answers(plan.ports());
        nextProbe = now + (answers ? READY_PERIOD : now - since < EAGER_FOR ? EAGER_PERIOD : PATIENT_PERIOD);
        var news = answers != ready;
        ready = answers;
        return news;
    }
}
