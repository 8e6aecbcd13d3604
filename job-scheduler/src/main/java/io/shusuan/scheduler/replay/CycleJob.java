package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Shortage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a cycle decided about a job, in the names of the time. */
public record CycleJob(JobId job, String name, Fate fate) {

    /** What became of it. */
    public sealed interface Fate {}

    /** It was given room on these nodes. */
    public record Admitted(List<String> nodes) implements Fate {

        public Admitted {
            nodes = List.copyOf(nodes);
        }
    }

    /** It was given the room of these, once they have left. */
    public record Preempts(List<Named> victims) implements Fate {

        public Preempts {
            victims = List.copyOf(victims);
        }
    }

    /** @param preemptor for whom it had to leave; null, because its queue was stopped */
    public record Leaves(@Nullable Named preemptor) implements Fate {}

    /** @param tasks with how many it was to begin anew */
    public record Grows(int tasks) implements Fate {}

    /** @param position in its queue */
    public record Waits(int position, Shortage shortage) implements Fate {}

    /** A job that is named beside another one. */
    public record Named(JobId job, String name) {}

    static CycleJob of(Decision decision, KeptCycle cycle) {
        var fate = switch (decision) {
            case Decision.Admit admit ->
                new Admitted(admit.placement().nodes().stream().distinct().toList());
            case Decision.Preempt preempt ->
                new Preempts(preempt.victims().stream()
                        .map(victim -> named(victim.job(), cycle))
                        .toList());
            case Decision.Evict evict -> new Leaves(null);
            case Decision.Grow grow -> new Grows(grow.tasks());
            case Decision.Wait wait -> new Waits(wait.position(), wait.shortage());
        };
        return new CycleJob(decision.job(), cycle.name(decision.job()), fate);
    }

    static Named named(JobId job, KeptCycle cycle) {
        return new Named(job, cycle.name(job));
    }
}
