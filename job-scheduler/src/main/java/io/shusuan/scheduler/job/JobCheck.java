package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.sharing.SharingStore;
import io.shusuan.scheduler.spec.JobSpec;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Service;

/** Says before a job is submitted what would become of it: the queue's own decision about it, among all that waits now. */
@Service
public class JobCheck {

    private final FairPolicy policy = new FairPolicy();
    private final Submissions submissions;
    private final SharingStore sharing;
    private final LiveQueue queue;

    JobCheck(Submissions submissions, SharingStore sharing, LiveQueue queue) {
        this.submissions = submissions;
        this.sharing = sharing;
        this.queue = queue;
    }

    /** What would become of a job. */
    public sealed interface Verdict {

        /** It would run at once, on these nodes. */
        record Now(List<String> nodes) implements Verdict {

            public Now {
                nodes = List.copyOf(nodes);
            }
        }

        /** It would wait, so far behind in its queue. */
        record Later(String reason, String sentence, int position) implements Verdict {}

        /** It would never run; each of these changes alone would help. */
        record Never(String reason, String sentence, List<Change> changes) implements Verdict {

            public Never {
                changes = List.copyOf(changes);
            }
        }
    }

    /** The largest value of a field of the text with which the job could run some day. */
    public record Change(String field, long value) {}

    /** @param assumptions what the text leaves open, as a submission would tell */
    public record Checked(Verdict verdict, List<String> assumptions) {}

    /** Reads a text as a submission would, with the same faults, and stores nothing. */
    public Checked check(byte[] text, String owner) throws ClusterUnavailableException {
        var parsed = submissions.check(text);
        var spec = parsed.spec();
        return new Checked(verdict(spec, owner), parsed.assumptions());
    }

    private Verdict verdict(JobSpec spec, String owner) throws ClusterUnavailableException {
        var shares = sharing.read();
        var present = queue.present();
        var snapshot = queue.shared(present, shares);
        var job = new Waiting(
                JobId.next(),
                spec.queue(),
                owner,
                spec.priority(),
                snapshot.time(),
                Asks.of(spec),
                spec.timeLimit(),
                null,
                null);
        var free = verdict(snapshot, job);
        var held = queue.asked(job, present, shares);
        // That a budget is spent is no news to whoever can never run.
        return free instanceof Verdict.Never || held.hold() == null ? free : verdict(snapshot, held);
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
            case Decision.Evict evict ->
                throw new IllegalStateException("what does not run cannot be evicted: " + evict);
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
        var waiting = new ArrayList<>(snapshot.waiting());
        waiting.add(job);
        return policy.decide(snapshot.with(waiting)).stream()
                .filter(decision -> decision.job().equals(job.job()))
                .findFirst()
                .orElseThrow();
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
