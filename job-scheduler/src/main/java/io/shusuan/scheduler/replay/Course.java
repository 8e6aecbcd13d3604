package io.shusuan.scheduler.replay;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What went on beside the queue while cycles were kept: who came, how long each ran, who was taken back, and how nodes and quotas changed. It
 * is seen only in cycles that decided something, so an end counts as when the next one began. For one thread.
 */
final class Course {

    /** Something that happened. */
    sealed interface Event {

        Moment at();

        /** A job came, or its owner or an administrator changed something about it. */
        record Asks(Moment at, Waiting job) implements Event {}

        /** Nobody wants it any more. */
        record Withdrawn(Moment at, JobId job) implements Event {}

        record Moved(Moment at, Site site) implements Event {}

        record Divided(Moment at, Cohort cohorts) implements Event {}

        record Used(Moment at, Map<QueueName, Limits> recent) implements Event {}
    }

    private final List<Event> events = new ArrayList<>();
    private final Map<JobId, Duration> lengths = new HashMap<>();
    private final Map<JobId, Moment> starts = new HashMap<>();
    private Map<JobId, String> names = Map.of();
    private final Set<JobId> seen = new HashSet<>();
    private Map<JobId, Moment> alive = Map.of();
    private Map<JobId, Waiting> waiting = Map.of();
    private @Nullable Snapshot first;
    private @Nullable Snapshot last;
    private int cycles;

    void look(KeptCycle cycle) {
        var now = cycle.snapshot();
        cycles++;
        names = cycle.names();
        var former = last;
        if (former == null) {
            first = now;
            now.waiting().forEach(job -> seen.add(job.job()));
            now.running().forEach(job -> seen.add(job.job()));
        } else {
            note(former, now);
        }
        last = now;
        waiting = new LinkedHashMap<>();
        now.waiting().forEach(job -> waiting.put(job.job(), job));
        alive = new LinkedHashMap<>();
        now.running().forEach(job -> alive.put(job.job(), job.started()));
        for (var act : cycle.decided().acts()) {
            if (act instanceof Decision.Admit admit) {
                alive.put(admit.job(), now.time());
                starts.putIfAbsent(admit.job(), now.time());
            }
        }
    }

    private void note(Snapshot former, Snapshot now) {
        if (now.site() != former.site()) {
            events.add(new Event.Moved(now.time(), now.site()));
        }
        if (!now.cohorts().equals(former.cohorts())) {
            events.add(new Event.Divided(now.time(), now.cohorts()));
        }
        if (!now.recent().equals(former.recent())) {
            events.add(new Event.Used(now.time(), now.recent()));
        }
        var there = new HashSet<JobId>();
        for (var job : now.running()) {
            there.add(job.job());
            if (seen.add(job.job())) {
                events.add(new Event.Asks(job.started(), job.again()));
            }
        }
        for (var job : now.waiting()) {
            there.add(job.job());
            ask(job, former, now);
        }
        alive.forEach((job, started) -> {
            if (!there.contains(job)) {
                lengths.put(job, now.time().since(started));
            }
        });
        for (var job : waiting.keySet()) {
            if (!there.contains(job) && !alive.containsKey(job)) {
                events.add(new Event.Withdrawn(now.time(), job));
            }
        }
    }

    private void ask(Waiting job, Snapshot former, Snapshot now) {
        if (seen.add(job.job())) {
            var at = job.submitted().compareTo(former.time()) < 0 ? former.time() : job.submitted();
            events.add(new Event.Asks(at, job));
            return;
        }
        var before = waiting.get(job.job());
        if (before != null && !Objects.equals(before.promised(null), job.promised(null))) {
            events.add(new Event.Asks(now.time(), job));
        }
    }

    int cycles() {
        return cycles;
    }

    boolean isEmpty() {
        return first == null;
    }

    Snapshot first() {
        return Objects.requireNonNull(first);
    }

    Snapshot last() {
        return Objects.requireNonNull(last);
    }

    /** In their order. */
    List<Event> events() {
        var ordered = new ArrayList<>(events);
        ordered.sort(Comparator.comparing(Event::at));
        return ordered;
    }

    /** How long its last run took; null for one that had not ended. */
    @Nullable
    Duration length(JobId job) {
        return lengths.get(job);
    }

    /** When it was admitted first. */
    @Nullable
    Moment started(JobId job) {
        return starts.get(job);
    }

    String name(JobId job) {
        return names.getOrDefault(job, job.toString());
    }
}
