package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which priorities the jobs of a queue may ask for.
 *
 * @param classes the only ones that they may be of; any, if there are none. Where there are some, what is of no class has no priority above 0
 * @param highest null for no limit
 */
public record PriorityLimits(
        List<PriorityClassName> classes, @Nullable Integer highest) {

    public static final PriorityLimits ANY = new PriorityLimits(List.of(), null);

    public PriorityLimits {
        classes = List.copyOf(classes);
    }

    public boolean isAny() {
        return equals(ANY);
    }

    /** Why a job may not be in the queue: a sentence, and what it may ask for there. */
    public record Refusal(String sentence, String allowed) {}

    /**
     * Nothing, if it may.
     *
     * @param of null for a job that says its priority as a number
     */
    public Optional<Refusal> refusal(QueueName queue, @Nullable PriorityClassName of, int priority) {
        if (of != null && !classes.isEmpty() && !classes.contains(of)) {
            return Optional.of(new Refusal(
                    "queue %s takes no jobs of priority class %s, only of %s".formatted(queue, of, listed()),
                    listed()));
        }
        if (highest != null && priority > highest) {
            var what = of == null
                    ? Integer.toString(priority)
                    : "%d as priority class %s is worth".formatted(priority, of);
            return Optional.of(new Refusal(
                    "queue %s takes priorities up to %d, not %s".formatted(queue, highest, what),
                    "at most " + highest));
        }
        if (of == null && !classes.isEmpty() && priority > 0) {
            return Optional.of(new Refusal(
                    "queue %s takes priorities above 0 only by a priority class of %s, not the number %d"
                            .formatted(queue, listed(), priority),
                    "at most 0, or a priorityClass of " + listed()));
        }
        return Optional.empty();
    }

    private String listed() {
        return classes.stream().map(PriorityClassName::value).sorted().collect(Collectors.joining(", "));
    }
}
