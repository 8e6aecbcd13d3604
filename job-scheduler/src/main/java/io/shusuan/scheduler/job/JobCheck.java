package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.queue.Delegate;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.sharing.SharingStore;
import io.shusuan.scheduler.spec.JobSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Says before a job is submitted what would become of it: the queue's own decision about it, among all that waits now. */
@Service
public class JobCheck {

    private final FairPolicy policy = new FairPolicy();
    private final Submissions submissions;
    private final References references;
    private final SharingStore sharing;
    private final LiveQueue queue;
    private final AskedStart starts;

    JobCheck(Submissions submissions, References references, SharingStore sharing, LiveQueue queue, AskedStart starts) {
        this.submissions = submissions;
        this.references = references;
        this.sharing = sharing;
        this.queue = queue;
        this.starts = starts;
    }

    /** What would become of a job. */
    public sealed interface Verdict {

        /** It would run at once, on these nodes. */
        record Now(List<String> nodes) implements Verdict {

            public Now {
                nodes = List.copyOf(nodes);
            }
        }

        /** It would wait, so far behind in its queue; how far is not known of what another scheduler decides. */
        record Later(
                String reason, String sentence, @Nullable Integer position) implements Verdict {}

        /** It would never run; each of these changes alone would help. */
        record Never(String reason, String sentence, List<Change> changes) implements Verdict {

            public Never {
                changes = List.copyOf(changes);
            }
        }
    }

    /** The largest value of a field of the text with which the job could run some day. */
    public record Change(String field, long value) {}

    /** When a job would start, and how good the last such estimates of its queue were. */
    public record Start(StartForecast told, StartForecasts.Past past) {}

    /**
     * The answer.
     *
     * @param start if it would wait, and something can be told about how long
     * @param assumptions what the text leaves open, as a submission would tell
     */
    public record Checked(
            JobSpec spec, Verdict verdict, @Nullable Start start, List<String> assumptions) {}

    /** Reads a text as a submission would, with the same faults, and stores nothing. */
    public Checked check(byte[] text, String owner) throws ClusterUnavailableException {
        var parsed = submissions.check(text);
        var spec = parsed.spec();
        var shares = sharing.read();
        var delegate = shares.delegated().get(spec.queue());
        if (delegate != null) {
            return new Checked(spec, delegated(spec, delegate), null, parsed.assumptions());
        }
        var present = queue.present();
        var snapshot = queue.shared(present, shares);
        var job = new Waiting(
                JobId.next(),
                spec.queue(),
                owner,
                references.priority(spec, text),
                snapshot.time(),
                Asks.of(spec),
                spec.timeLimit(),
                null,
                null);
        var verdict = verdict(snapshot, job);
        var held = queue.asked(job, present, shares);
        // That a budget is spent is no news to whoever can never run.
        if (held.hold() != null && !(verdict instanceof Verdict.Never)) {
            return new Checked(spec, verdict(snapshot, held), null, parsed.assumptions());
        }
        var start = verdict instanceof Verdict.Later
                ? starts.of(job, among(snapshot, job)).orElse(null)
                : null;
        return new Checked(spec, verdict, start, parsed.assumptions());
    }

    private static Verdict delegated(JobSpec spec, Delegate to) {
        return new Verdict.Later(
                "Delegated",
                "would be handed to %s, to which queue %s is handed: when it runs is not known here"
                        .formatted(to, spec.queue()),
                null);
    }

    private Verdict verdict(Snapshot snapshot, Waiting job) {
        return switch (decide(snapshot, job)) {
            case Decision.Admit admit -> new Verdict.Now(admit.placement().nodes());
            case Decision.Preempt preempt ->
                new Verdict.Later(
                        "WaitingForPreempted",
                        "%d job(s) would be evicted for it"
                                .formatted(preempt.victims().size()),
                        1);
            case Decision.Evict _, Decision.Grow _ ->
                throw new IllegalStateException("what does not run does not leave: " + job.job());
            case Decision.Wait wait -> {
                var shortage = wait.shortage();
                var reason = shortage.reason().code();
                yield shortage.reason().isForEver()
                        ? new Verdict.Never(reason, shortage.sentence(), changes(snapshot, job))
                        : new Verdict.Later(reason, shortage.sentence(), wait.position());
            }
        };
    }

    private Decision decide(Snapshot snapshot, Waiting job) {
        return policy.decide(among(snapshot, job)).stream()
                .filter(decision -> decision.job().equals(job.job()))
                .findFirst()
                .orElseThrow();
    }

    private static Snapshot among(Snapshot others, Waiting job) {
        var waiting = new ArrayList<>(others.waiting());
        waiting.add(job);
        return others.with(waiting);
    }

    /** Whether a job can ever run has nothing to do with who else waits. */
    private List<Change> changes(Snapshot snapshot, Waiting job) {
        var alone = snapshot.with(List.of());
        return new SmallestChanges(job.ask(), ask -> {
                    var changed = new Waiting(
                            job.job(),
                            job.queue(),
                            job.user(),
                            job.priority(),
                            job.submitted(),
                            ask,
                            job.limit(),
                            null,
                            null);
                    return !(decide(alone, changed) instanceof Decision.Wait wait)
                            || !wait.shortage().isHopeless();
                })
                .find();
    }
}
