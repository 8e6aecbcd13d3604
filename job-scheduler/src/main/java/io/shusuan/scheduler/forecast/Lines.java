package io.shusuan.scheduler.forecast;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Roughly when those will start who are far behind in their queues. Of each line some are told, the nearer to its head the closer to each other, and always the last one,
 * so that what holds of the others lies between their neighbours.
 */
public final class Lines {

    /** From one that is told to the next it is this part of the way to the head of the line, */
    private static final int PART = 20;

    /** or so many places, where that is more. */
    private static final int CLOSEST = 10;

    private final Set<JobId> untold;
    private final Set<JobId> known;
    private final Snapshot snapshot;
    private final Experience experience;
    private final Map<JobId, Told> told = new HashMap<>();

    private Lines(Set<JobId> untold, Set<JobId> known, Snapshot snapshot, Experience experience) {
        this.untold = untold;
        this.known = known;
        this.snapshot = snapshot;
        this.experience = experience;
    }

    /** @param room how much its queue has at most: of GPUs, or of cores for a job that asks for none */
    public record Told(Estimate estimate, long room) {}

    /**
     * Some of those who are told nothing else.
     *
     * @param known who was told so before, and is told again, so that it is seen what became of that
     */
    public static Map<JobId, Told> of(
            Collection<Waiting> untold, Set<JobId> known, Snapshot snapshot, Experience experience) {
        var lines = new Lines(
                untold.stream().map(Waiting::job).collect(Collectors.toUnmodifiableSet()), known, snapshot, experience);
        Map<QueueName, List<Waiting>> waiting =
                snapshot.waiting().stream().collect(Collectors.groupingBy(Waiting::queue));
        Map<QueueName, List<Running>> running =
                snapshot.running().stream().collect(Collectors.groupingBy(Running::queue));
        untold.stream()
                .map(Waiting::queue)
                .distinct()
                .forEach(queue ->
                        lines.tell(waiting.getOrDefault(queue, List.of()), running.getOrDefault(queue, List.of())));
        return lines.told;
    }

    private void tell(List<Waiting> waiting, List<Running> running) {
        var queue = new Snapshot(
                snapshot.time(),
                snapshot.site(),
                snapshot.cohorts(),
                snapshot.recent(),
                running,
                waiting,
                snapshot.rules());
        var line = waiting.stream()
                .filter(job -> job.hold() == null)
                .sorted(Pace.order(snapshot.rules()))
                .toList();
        for (var onGpus : List.of(true, false)) {
            var some = some(line, onGpus);
            if (!some.isEmpty()) {
                var found = Pace.of(some, queue, experience);
                found.estimates().forEach((job, estimate) -> told.put(job, new Told(estimate, found.room())));
            }
        }
    }

    private List<Waiting> some(List<Waiting> line, boolean onGpus) {
        var some = new ArrayList<Waiting>();
        Waiting last = null;
        var next = 0;
        for (var place = 0; place < line.size(); place++) {
            var job = line.get(place);
            if (!untold.contains(job.job()) || Pace.asksForGpus(job) != onGpus) {
                continue;
            }
            last = job;
            if (place >= next || known.contains(job.job())) {
                some.add(job);
                next = place + Math.max(CLOSEST, place / PART);
            }
        }
        if (last != null && !some.getLast().equals(last)) {
            some.add(last);
        }
        return some;
    }
}
