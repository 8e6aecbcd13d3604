package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Runs;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.World;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What would have become of the jobs of a course under another policy: the same jobs come and run as long, and the queue decides anew each time. */
final class Rerun {

    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Course course;
    private final OtherPolicy policy;
    private final World world;
    private final Runs runs = new Runs();
    private final Deque<Course.Event> coming;
    private final Map<JobId, Moment> starts = new LinkedHashMap<>();
    private final Set<JobId> known = new HashSet<>();

    /** When who has to leave will have left. */
    private @Nullable Moment left;

    Rerun(Course course, OtherPolicy policy) {
        this.course = course;
        this.policy = policy;
        coming = new ArrayDeque<>(course.events());
        var first = course.first();
        world = World.goingOnFrom(
                new Snapshot(
                        first.time(),
                        first.site(),
                        policy.apply(first.cohorts()),
                        first.recent(),
                        first.running(),
                        first.waiting().stream().map(policy::apply).toList(),
                        first.rules()),
                GRACE);
        first.waiting().forEach(job -> known.add(job.job()));
        for (var job : first.running()) {
            known.add(job.job());
            if (job.departure() == null) {
                runs.begins(job.job(), job.started(), end(job.job(), job.started()));
            } else {
                left = first.time().plus(GRACE);
            }
        }
    }

    /** When each started that waited then, or came, and has started by the end of the course. */
    Map<JobId, Moment> starts() {
        var last = course.last().time();
        for (@Nullable Moment now = course.first().time(); now != null && now.compareTo(last) <= 0; now = next()) {
            step(now);
        }
        return starts;
    }

    private @Nullable Moment next() {
        var event = coming.peek();
        return Stream.of(event == null ? null : event.at(), runs.next(), left)
                .filter(Objects::nonNull)
                .min(Moment::compareTo)
                .orElse(null);
    }

    private void step(Moment now) {
        for (var event = coming.peek(); event != null && event.at().compareTo(now) <= 0; event = coming.peek()) {
            coming.remove();
            happens(event);
        }
        runs.ended(now).forEach(world::end);
        if (left != null && left.compareTo(now) <= 0) {
            left = null;
        }
        for (var decision : world.cycle(now)) {
            switch (decision) {
                case Decision.Admit admit -> {
                    starts.putIfAbsent(admit.job(), now);
                    runs.begins(admit.job(), now, end(admit.job(), now));
                }
                case Decision.Preempt preempt -> preempt.victims().forEach(victim -> leaves(victim.job(), now));
                case Decision.Evict _, Decision.Grow _ -> leaves(decision.job(), now);
                case Decision.Wait wait -> {}
            }
        }
    }

    private void happens(Course.Event event) {
        switch (event) {
            case Course.Event.Asks asks -> {
                // Who changes while it runs here changes nothing about that.
                if (known.add(asks.job().job()) || world.isWaiting(asks.job().job())) {
                    world.submit(policy.apply(asks.job().promised(null)));
                }
            }
            case Course.Event.Withdrawn withdrawn -> {
                world.end(withdrawn.job());
                runs.leaves(withdrawn.job());
            }
            case Course.Event.Moved moved -> world.moveTo(moved.site());
            case Course.Event.Divided divided -> world.divideAnew(policy.apply(divided.cohorts()));
            case Course.Event.Used used -> world.remember(used.recent());
        }
    }

    private void leaves(JobId job, Moment now) {
        runs.leaves(job);
        left = now.plus(GRACE);
    }

    /** As long as it took; a job whose end is not known goes on. */
    private @Nullable Moment end(JobId job, Moment start) {
        var length = course.length(job);
        return length == null ? null : start.plus(length);
    }
}
