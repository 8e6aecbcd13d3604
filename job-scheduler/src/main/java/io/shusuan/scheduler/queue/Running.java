package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Role;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A job that holds quota and nodes.
 *
 * @param saved up to when its work is not lost by an eviction: its last checkpoint, or its start
 * @param evictable whether it may be evicted at all
 * @param departure set from the moment at which it was told to leave until it is gone
 * @param wants what it would ask for, if it has fewer tasks than it asked for and would begin anew with more
 */
public record Running(
        JobId job,
        QueueName queue,
        String user,
        int priority,
        Moment started,
        Moment saved,
        Ending ending,
        boolean evictable,
        @Nullable Departure departure,
        Placement placement,
        @Nullable Waiting wants) {

    public Running(
            JobId job,
            QueueName queue,
            String user,
            int priority,
            Moment started,
            Moment saved,
            Ending ending,
            boolean evictable,
            @Nullable Departure departure,
            Placement placement) {
        this(job, queue, user, priority, started, saved, ending, evictable, departure, placement, null);
    }

    /** @param preemptor for whom it leaves; null, if it was stopped for another reason */
    public record Departure(@Nullable JobId preemptor) {}

    /** The same job, told to leave. */
    public Running leavingFor(@Nullable JobId preemptor) {
        return new Running(
                job,
                queue,
                user,
                priority,
                started,
                saved,
                ending,
                evictable,
                new Departure(preemptor),
                placement,
                wants);
    }

    /** The same job, if it would have more tasks than it has. */
    public Running wanting(Waiting more) {
        return more.ask().grows() && tasks() < more.ask().tasks()
                ? new Running(
                        job,
                        queue,
                        user,
                        priority,
                        started,
                        saved,
                        ending,
                        evictable,
                        departure,
                        placement,
                        more.promised(null))
                : this;
    }

    /** Whether it has run for long enough to begin anew with more tasks. */
    public boolean mayGrowAt(Moment now) {
        return wants != null && departure == null && now.since(started).compareTo(Growth.REST) >= 0;
    }

    int tasks() {
        return placement.tasks();
    }

    /**
     * The same job, had it to wait again, as far as can be seen from what it has: it asks for as many tasks, of whatever nodes, and its place is that of
     * its start.
     */
    public Waiting again() {
        if (wants != null) {
            return wants;
        }
        var roles = new LinkedHashMap<String, Role>();
        for (var spot : placement.spots()) {
            roles.merge(
                    spot.role(),
                    new Role(spot.role(), spot.perTask(), spot.tasks(), NodeSelector.ANY),
                    (one, other) -> new Role(one.name(), one.perTask(), one.tasks() + other.tasks(), NodeSelector.ANY));
        }
        if (roles.isEmpty()) {
            roles.put("nothing", new Role("nothing", Resources.NONE, 1, NodeSelector.ANY));
        }
        var limit = ending instanceof Ending.By by ? by.moment().since(started) : null;
        var ask = Ask.of(roles.values().toArray(Role[]::new));
        return new Waiting(job, queue, user, priority, started, ask, limit, null, null);
    }

    Duration lostAt(Moment now) {
        return now.since(saved);
    }
}
