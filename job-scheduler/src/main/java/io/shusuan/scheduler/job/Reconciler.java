package io.shusuan.scheduler.job;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.WrongStateException;
import io.shusuan.scheduler.cluster.Cluster;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Observation;
import io.shusuan.scheduler.cluster.Standing;
import io.shusuan.scheduler.spec.SpecException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.OptimisticLockingFailureException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Brings one job in the cluster to what the database says, and what the cluster says into the database: what is done in each
 * state, and when it is looked at again. How the job is, {@link Views} know; what is seen of it is written by {@link JobWriter}.
 * Idempotent: it may be cut off anywhere and run again.
 */
@Component
class Reconciler {

    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    static final String CLUSTER_UNREACHABLE = "ClusterUnreachable";

    /** How often a training job must be found missing to count as vanished. */
    private static final int UNSEEN_LIMIT = 5;

    private final Cluster cluster;
    private final Views views;
    private final JobWriter writer;
    private final Progress progress;
    private final Endings endings;
    private final OtherAdmission others;
    private final Landings landings;
    private final Clock clock;
    private final Timer timer;

    Reconciler(
            Cluster cluster,
            Views views,
            JobWriter writer,
            Progress progress,
            Endings endings,
            OtherAdmission others,
            Landings landings,
            Clock clock,
            MeterRegistry meters) {
        this.cluster = cluster;
        this.views = views;
        this.writer = writer;
        this.progress = progress;
        this.endings = endings;
        this.others = others;
        this.landings = landings;
        this.clock = clock;
        this.timer = Timer.builder("shusuan.reconcile")
                .description("time of one reconciliation of one job")
                .publishPercentileHistogram()
                .register(meters);
    }

    /** Forgets what was done and seen so far: another replica may have done more since. */
    void begin() {
        views.begin();
    }

    /** Somebody else has changed that job, or may have: the next run reads it. */
    void changedElsewhere(JobId id) {
        views.changedElsewhere(id);
    }

    /** Each thing that happens in the cluster is told several times: whether there is more to see than what is recorded. */
    boolean isNews(JobId id) {
        var memory = views.known(id);
        try {
            return memory == null
                    || !cluster.observe(id).filter(memory::isRecorded).isPresent();
        } catch (ClusterUnavailableException away) {
            return true;
        }
    }

    /**
     * One run for one job. Returns after which time it wants another, or null for none.
     *
     * @throws Lease.LeaseLostException if another replica schedules
     */
    @Nullable
    Duration reconcile(JobId id) {
        var start = Timer.start();
        try (var _ = MDC.putCloseable("job", id.toString())) {
            return attempt(id);
        } catch (OptimisticLockingFailureException | WrongStateException changedMeanwhile) {
            return NextLook.AFTER_COLLISION;
        } catch (DataAccessException | TransactionException databaseAway) {
            log.warn("job {} waits for the database: {}", id, databaseAway.getMessage());
            return NextLook.AT_AN_ABSENT_DATABASE;
        } finally {
            start.stop(timer);
        }
    }

    private @Nullable Duration attempt(JobId id) {
        View view;
        try {
            view = views.of(id).orElse(null);
        } catch (SpecException unreadable) {
            fail(id, "SpecUnreadable", "its text was accepted once but cannot be read: " + unreadable.getMessage());
            return NextLook.AT_ONCE;
        }
        if (view == null) {
            return null;
        }
        try {
            var next = act(view);
            view.memory().reached();
            if (view.disturbed()) {
                writer.note(id, job -> job.undisturbed(clock.instant()));
            }
            return next;
        } catch (ClusterUnavailableException away) {
            writer.note(id, job -> job.disturbed(CLUSTER_UNREACHABLE, away.getMessage(), clock.instant()));
            return NextLook.atAnAbsentCluster(view.memory().missed());
        } catch (ClusterRefusedException refused) {
            fail(id, refused.reason(), refused.getMessage());
            return NextLook.AT_ONCE;
        }
    }

    private @Nullable Duration act(View view) throws ClusterUnavailableException, ClusterRefusedException {
        return switch (view.state()) {
            case ADMITTED -> begin(view);
            case SUSPENDED -> awaitAdmission(view);
            case STARTING, RUNNING -> observe(view);
            case STOPPING -> stop(view);
            case QUEUED, SUCCEEDED, FAILED, STOPPED -> null;
        };
    }

    private void apply(View view) throws ClusterUnavailableException, ClusterRefusedException {
        cluster.apply(view.mustHaveWorkload());
        view.memory().applied(clock.instant());
    }

    /** That it was handed over is written with what is seen first; and in any case, since it must not be done a second time. */
    private @Nullable Duration begin(View view) throws ClusterUnavailableException, ClusterRefusedException {
        apply(view);
        Observation seen;
        try {
            seen = cluster.observe(view.id()).orElse(Observation.NOTHING);
        } catch (ClusterUnavailableException away) {
            writer.write(view, draft -> progress.begin(draft, view));
            throw away;
        }
        return follow(view, seen);
    }

    /** Makes the job known to the scheduler that it was handed to, and says what that says, until it is admitted. */
    private @Nullable Duration awaitAdmission(View view) throws ClusterUnavailableException, ClusterRefusedException {
        if (view.memory().applied() == null) {
            apply(view);
        }
        var seen = cluster.observe(view.id()).orElse(Observation.NOTHING);
        var standing = seen.standing(view.run());
        if (standing == null) {
            if (view.memory().notSeen() >= UNSEEN_LIMIT) {
                apply(view); // somebody took it away, and nothing of it has run
            }
            return NextLook.AT_THE_UNSEEN;
        }
        view.memory().seen();
        if (view.memory().isRecorded(view.version(), seen)) {
            return NextLook.RESYNC;
        }
        var written = writer.write(
                view, draft -> others.follow(draft, standing, view.memory().recorded(), seen));
        written.ifPresent(now -> now.memory().recorded(now.version(), seen));
        return standing instanceof Standing.Waiting ? after(written, NextLook.RESYNC) : NextLook.AT_ONCE;
    }

    private @Nullable Duration observe(View view) throws ClusterUnavailableException, ClusterRefusedException {
        var seen = cluster.observe(view.id());
        if (seen.isEmpty()) {
            return missing(view);
        }
        view.memory().seen();
        if (Repair.isDue(view.mustHaveWorkload(), seen.get(), view.memory().applied(), clock.instant())) {
            if (!views.isRead(view)) {
                return NextLook.AT_ONCE;
            }
            apply(view);
            if (seen.get().isHalted(view.run())) {
                return NextLook.AT_THE_UNSEEN; // its tasks go, and others come: too early to judge
            }
            seen = cluster.observe(view.id());
        }
        return follow(view, seen.orElse(Observation.NOTHING));
    }

    private @Nullable Duration follow(View view, Observation seen) throws ClusterUnavailableException {
        var standing = seen.standing(view.run());
        if (standing != null && OtherAdmission.isTakenBack(standing)) {
            return after(
                    writer.write(
                            view,
                            draft ->
                                    others.follow(draft, standing, view.memory().recorded(), seen)),
                    NextLook.AT_ONCE);
        }
        var ofRun = seen.ofRun(view.run());
        var verdict = OtherAdmission.judged(Verdict.of(view.kind(), view.tasks(), ofRun), standing);
        if (verdict instanceof Verdict.Succeeded) {
            cluster.release(view.id());
        }
        var now = clock.instant();
        var next = NextLook.at(view, verdict, now);
        if (seen.isHalted(view.run())) {
            next = NextLook.sooner(next, NextLook.AT_THE_UNSEEN);
        }
        if (view.memory().isRecorded(view.version(), seen) && !view.isOverdue(now)) {
            return next;
        }
        var whereabouts =
                view.delegated() ? landings.seen(view.placement(), ofRun) : Whereabouts.seen(view.placement(), ofRun);
        var written = writer.write(view, draft -> progress.follow(draft, view, seen, verdict, whereabouts));
        written.ifPresent(then -> then.memory().recorded(then.version(), seen));
        return after(written, next);
    }

    /** When to look again at a job that was written: at once if it goes on otherwise than it was read, never if it has ended. */
    private static @Nullable Duration after(Optional<View> written, Duration ifItGoesOn) {
        return written.map(view -> view.state() == JobState.STOPPING ? NextLook.AT_ONCE : ifItGoesOn)
                .orElse(null);
    }

    /** What serves is put back. What computes is not run a second time by itself, once it is sure that it is gone. */
    private Duration missing(View view) throws ClusterUnavailableException, ClusterRefusedException {
        switch (view.kind()) {
            case INFERENCE -> {
                if (!views.isRead(view)) {
                    return NextLook.AT_ONCE;
                }
                apply(view);
            }
            case TRAINING, CONVERSION -> {
                if (view.memory().notSeen() >= UNSEEN_LIMIT) {
                    fail(
                            view.id(),
                            "Vanished",
                            "the %s cluster no longer knows this job; it is not run a second time by itself"
                                    .formatted(cluster.name()));
                    return NextLook.AT_ONCE;
                }
            }
        }
        return NextLook.AT_THE_UNSEEN;
    }

    private @Nullable Duration stop(View view) throws ClusterUnavailableException {
        view.memory().ending();
        cluster.stop(view.id(), view.grace());
        var seen = cluster.observe(view.id());
        var alive = seen.stream()
                .flatMap(observation -> observation.attempts().stream())
                .anyMatch(attempt -> !attempt.phase().isFinal());
        // What waits again comes back to the address that it had; no training has one.
        if (!alive && (!view.evicted() || !view.kind().serves())) {
            cluster.release(view.id());
        }
        var written = writer.write(view, draft -> endings.follow(draft, seen, alive));
        return alive ? NextLook.AT_WHAT_ENDS : after(written, NextLook.AT_ONCE);
    }

    private void fail(JobId id, String reason, String sentence) {
        writer.note(id, job -> job.failing(reason, sentence, clock.instant()));
    }
}
