package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Who runs in a {@link World}, and when each ends. Who was evicted meanwhile does not end then: it runs anew, or waits. */
public final class Runs {

    private record End(Moment at, JobId job, Moment started) {}

    private final Map<JobId, Moment> started = new HashMap<>();
    private final PriorityQueue<End> ends =
            new PriorityQueue<>(Comparator.comparing(End::at).thenComparing(End::job));

    /** @param end null, if it does not end by itself */
    public void begins(JobId job, Moment start, @Nullable Moment end) {
        started.put(job, start);
        if (end != null) {
            ends.add(new End(end, job, start));
        }
    }

    public void leaves(JobId job) {
        started.remove(job);
    }

    /** When the next one may end; null, if nobody does. */
    public @Nullable Moment next() {
        var end = ends.peek();
        return end == null ? null : end.at;
    }

    /** Who has ended by now, and runs no more. */
    public List<JobId> ended(Moment now) {
        var ended = new ArrayList<JobId>();
        for (var end = ends.peek(); end != null && end.at.compareTo(now) <= 0; end = ends.peek()) {
            ends.remove(end);
            if (started.remove(end.job, end.started)) {
                ended.add(end.job);
            }
        }
        return ended;
    }
}
