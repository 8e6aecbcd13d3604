package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who would have started earlier or later under another policy. Both courses are run again, with the change and without, so that what a rerun
 * cannot know is wrong in both in the same way.
 */
final class Comparison {

    /** So many jobs are named. */
    private static final int NAMED = 20;

    /** Nobody cares about less. */
    private static final Duration SMALL = Duration.ofMinutes(1);

    private final Course course;
    private final OtherPolicy policy;
    private final Map<JobId, Moment> before;
    private final Map<JobId, Moment> after;

    Comparison(Course course, OtherPolicy policy) {
        policy.requireKnown(course.first().cohorts());
        this.course = course;
        this.policy = policy;
        before = new Rerun(course, OtherPolicy.NONE).starts();
        after = new Rerun(course, policy).starts();
    }

    /**
     * A job, and when it would have started; null for not within what was kept.
     *
     * @param asked when it came
     */
    record Start(
            JobId job,
            QueueName queue,
            Moment asked,
            @Nullable Moment before,
            @Nullable Moment after) {

        /** Less than nothing if it would have started earlier. */
        Duration later(Moment end) {
            return (after == null ? end : after).since(before == null ? end : before);
        }

        private boolean isOther(Moment end) {
            return later(end).abs().compareTo(SMALL) >= 0;
        }
    }

    /** Of all who waited or came. */
    List<Start> starts() {
        var asked = new LinkedHashMap<JobId, Start>();
        Stream.concat(
                        course.first().waiting().stream(),
                        course.events().stream()
                                .flatMap(event -> event instanceof Course.Event.Asks asks
                                        ? Stream.of(asks.job())
                                        : Stream.<Waiting>empty()))
                .forEach(job -> asked.putIfAbsent(
                        job.job(),
                        new Start(
                                job.job(), job.queue(), job.submitted(), before.get(job.job()), after.get(job.job()))));
        return List.copyOf(asked.values());
    }

    String answer() {
        var end = course.last().time();
        var starts = starts();
        var text = new StringBuilder("with %s, over %d cycles from %s to %s%n"
                .formatted(policy, course.cycles(), Answers.time(course.first().time()), Answers.time(end)));
        text.append("%-16s %8s %8s %8s %14s %14s%n"
                .formatted("queue", "jobs", "earlier", "later", "mean wait", "would be"));
        byQueue(starts)
                .forEach((queue, own) -> text.append("%-16s %8d %8d %8d %14s %14s%n"
                        .formatted(
                                queue,
                                own.size(),
                                own.stream()
                                        .filter(start -> start.isOther(end)
                                                && start.later(end).isNegative())
                                        .count(),
                                own.stream()
                                        .filter(start -> start.isOther(end)
                                                && !start.later(end).isNegative())
                                        .count(),
                                mean(own.stream()
                                        .map(start -> waited(start, start.before(), end))
                                        .toList()),
                                mean(own.stream()
                                        .map(start -> waited(start, start.after(), end))
                                        .toList()))));
        starts.stream()
                .filter(start -> start.isOther(end))
                .sorted(Comparator.comparing((Start start) -> start.later(end).abs())
                        .reversed())
                .limit(NAMED)
                .forEach(start -> text.append("%s of queue %s would have started %s %s: %s, not %s%n"
                        .formatted(
                                course.name(start.job()),
                                start.queue(),
                                Answers.length(start.later(end).abs()),
                                start.later(end).isNegative() ? "earlier" : "later",
                                at(start.after()),
                                at(start.before()))));
        return text.append(trust(starts)).toString();
    }

    private static String at(@Nullable Moment start) {
        return start == null ? "not by the end" : Answers.time(start);
    }

    /** How far the rerun without a change can be believed. */
    private String trust(List<Start> starts) {
        var known = starts.stream()
                .filter(start -> course.started(start.job()) != null)
                .toList();
        var right = known.stream()
                .filter(start -> {
                    var was = course.started(start.job());
                    return was != null
                            && start.before() != null
                            && start.before().since(was).abs().compareTo(SMALL) < 0;
                })
                .count();
        return "run again without a change, %d of %d jobs start within a minute of when they did%n"
                .formatted(right, known.size());
    }

    private static Map<String, List<Start>> byQueue(List<Start> starts) {
        var queues = new TreeMap<String, List<Start>>();
        starts.forEach(start -> queues.computeIfAbsent(start.queue().value(), queue -> new ArrayList<>())
                .add(start));
        return queues;
    }

    private static Duration waited(Start start, @Nullable Moment started, Moment end) {
        return (started == null ? end : started).since(start.asked());
    }

    private static String mean(List<Duration> waits) {
        return Answers.length(Duration.ofMillis(
                (long) waits.stream().mapToLong(Duration::toMillis).average().orElse(0)));
    }
}
