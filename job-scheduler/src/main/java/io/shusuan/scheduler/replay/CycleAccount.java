package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What one cycle decided about each job, and why.
 *
 * @param lines first who was given room or told to leave, then who waited, queue by queue in its order
 * @param more how many there are beside those
 * @param otherwise what would be decided otherwise now from the same input; null, if nothing would
 */
public record CycleAccount(
        long id,
        Instant at,
        List<Line> lines,
        int more,
        @Nullable String otherwise) {

    private static final Comparator<Line> ACTS_FIRST = Comparator.comparing((Line line) -> waits(line))
            .thenComparing(line -> line.queue().value())
            .thenComparing(line -> line.job().fate() instanceof CycleJob.Waits waits ? waits.position() : 0)
            .thenComparing(line -> line.job().name());

    public CycleAccount {
        lines = List.copyOf(lines);
    }

    /** A job, and what its place rests on. */
    public record Line(CycleJob job, QueueName queue, String user, int priority) {}

    /** @param wanted which jobs are told of */
    static CycleAccount of(KeptCycle cycle, Predicate<Line> wanted, int most) {
        var decisions = cycle.decideAgain();
        var askers = askers(cycle.snapshot());
        var lines = new ArrayList<Line>();
        for (var decision : decisions) {
            lines.add(line(CycleJob.of(decision, cycle), askers));
            if (decision instanceof Decision.Preempt preempt) {
                var preemptor = CycleJob.named(preempt.job(), cycle);
                preempt.victims()
                        .forEach(victim -> lines.add(line(
                                new CycleJob(victim.job(), cycle.name(victim.job()), new CycleJob.Leaves(preemptor)),
                                askers)));
            }
        }
        var all = lines.stream().filter(wanted).sorted(ACTS_FIRST).toList();
        return new CycleAccount(
                cycle.id(),
                cycle.at(),
                all.stream().limit(most).toList(),
                Math.max(0, all.size() - most),
                Verification.difference(cycle, decisions));
    }

    private record Asker(QueueName queue, String user, int priority) {}

    private static Map<JobId, Asker> askers(Snapshot snapshot) {
        var askers = new HashMap<JobId, Asker>();
        snapshot.waiting().forEach(job -> askers.put(job.job(), new Asker(job.queue(), job.user(), job.priority())));
        snapshot.running().forEach(job -> askers.put(job.job(), new Asker(job.queue(), job.user(), job.priority())));
        return askers;
    }

    private static Line line(CycleJob job, Map<JobId, Asker> askers) {
        var asker = Objects.requireNonNull(askers.get(job.job()));
        return new Line(job, asker.queue(), asker.user(), asker.priority());
    }

    private static boolean waits(Line line) {
        return line.job().fate() instanceof CycleJob.Waits;
    }
}
