package io.shusuan.scheduler.forecast;

import io.shusuan.db.queue.QueueName;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** How long jobs have run, to guess how long others will: those of the same user in the same queue, or of the queue, or all. */
public final class RunTimes {

    /** Fewer say little; then a wider group is asked. */
    private static final int ENOUGH = 5;

    /** Who has run longer than any before is guessed to run at most so many times as long as it has. */
    private static final int MOST_TIMES = 20;

    private record Group(
            @Nullable QueueName queue, @Nullable String user) {}

    private final Map<Group, long[]> millis = new HashMap<>();

    /** One job that ended by itself, or was stopped. */
    public record Run(QueueName queue, String user, Duration length) {}

    public RunTimes(Collection<Run> ended) {
        var groups = new HashMap<Group, LongStream.Builder>();
        for (var run : ended) {
            for (var group : groups(run.queue(), run.user())) {
                groups.computeIfAbsent(group, each -> LongStream.builder())
                        .add(run.length().toMillis());
            }
        }
        groups.forEach(
                (group, lengths) -> millis.put(group, lengths.build().sorted().toArray()));
    }

    private static Group[] groups(QueueName queue, String user) {
        return new Group[] {new Group(queue, user), new Group(queue, null), new Group(null, null)};
    }

    /** How much longer a job may run that has run for some time; null, if nothing is known of any. */
    @Nullable
    Duration guess(QueueName queue, String user, Duration already, Random random) {
        for (var group : groups(queue, user)) {
            var known = millis.get(group);
            if (known != null && known.length >= ENOUGH) {
                return Duration.ofMillis(rest(known, already.toMillis(), random));
            }
        }
        return null;
    }

    /**
     * As long as one of those that have run longer than it has. If none has, by the rule that what has lasted for long will last
     * for as long again: that it takes n times as long has the chance 1/n.
     */
    private static long rest(long[] sorted, long already, Random random) {
        var found = Arrays.binarySearch(sorted, already);
        var first = found < 0 ? -found - 1 : found + 1;
        if (first < sorted.length) {
            return Math.max(0, sorted[first + random.nextInt(sorted.length - first)] - already);
        }
        var times = Math.min(MOST_TIMES, 1 / (1 - random.nextDouble()));
        return Math.round(already * (times - 1));
    }
}
