package io.shusuan.scheduler.queue;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Cohort;
import io.shusuan.scheduler.queue.quota.Limits;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A cluster and its jobs, where what is decided happens at once, and who has to leave takes a while. */
public final class World {

    private final FairPolicy policy = new FairPolicy();
    private final Rules rules;
    private final Duration grace;
    private final Map<JobId, Waiting> waiting = new LinkedHashMap<>();
    private final Map<JobId, Running> running = new LinkedHashMap<>();
    private final Map<JobId, Waiting> submissions = new HashMap<>();
    private final Map<JobId, Moment> told = new LinkedHashMap<>();
    private Site site;
    private Cohort cohorts;
    private Map<QueueName, Limits> recent = Map.of();

    /** @param grace how long a job that was told to leave stays */
    public World(Site site, Cohort cohorts, Rules rules, Duration grace) {
        this.site = site;
        this.cohorts = cohorts;
        this.rules = rules;
        this.grace = grace;
    }

    /** What may become of what there is now. Who runs now, and is evicted, asks again for about what it has. */
    public static World goingOnFrom(Snapshot now, Duration grace) {
        var world = new World(now.site(), now.cohorts(), now.rules(), grace);
        world.recent = now.recent();
        now.waiting().forEach(world::submit);
        now.running().forEach(job -> {
            world.running.put(job.job(), job);
            world.submissions.put(job.job(), job.again());
            if (job.departure() != null) {
                world.told.put(job.job(), now.time());
            }
        });
        return world;
    }

    public void submit(Waiting job) {
        waiting.put(job.job(), job);
        submissions.put(job.job(), job);
    }

    /** The job is over, or nobody wants it any more. */
    public void end(JobId job) {
        waiting.remove(job);
        running.remove(job);
        submissions.remove(job);
        told.remove(job);
    }

    public void divideAnew(Cohort now) {
        cohorts = now;
    }

    /** Who runs on a node that is not there any more runs on, as far as the queue is told. */
    public void moveTo(Site now) {
        site = now;
    }

    public void remember(Map<QueueName, Limits> use) {
        recent = use;
    }

    public Snapshot snapshot(Moment now) {
        return new Snapshot(
                now, site, cohorts, recent, List.copyOf(running.values()), List.copyOf(waiting.values()), rules);
    }

    /** Lets go who has to, decides, and does what was decided. */
    public List<Decision> cycle(Moment now) {
        depart(now);
        var decisions = policy.decide(snapshot(now));
        apply(decisions, now);
        return decisions;
    }

    /** Who was told to leave, and has had its time, waits again at its old place. */
    public void depart(Moment now) {
        for (var each : List.copyOf(told.entrySet())) {
            if (now.since(each.getValue()).compareTo(grace) >= 0) {
                running.remove(each.getKey());
                told.remove(each.getKey());
                waiting.put(each.getKey(), submission(each.getKey()));
            }
        }
    }

    /** What it asked for when it came. */
    public Waiting submission(JobId job) {
        return Objects.requireNonNull(submissions.get(job));
    }

    public void apply(List<Decision> decisions, Moment now) {
        for (var decision : decisions) {
            switch (decision) {
                case Decision.Admit admit -> start(admit, now);
                case Decision.Preempt preempt -> {
                    preempt.victims().forEach(victim -> leave(victim.job(), preempt.job(), now));
                    promise(preempt.job(), preempt.promise());
                }
                case Decision.Evict _, Decision.Grow _ -> leave(decision.job(), null, now);
                case Decision.Wait wait -> promise(wait.job(), wait.promise());
            }
        }
    }

    private void start(Decision.Admit admit, Moment now) {
        var job = submission(admit.job());
        waiting.remove(admit.job());
        running.put(job.job(), job.runningAt(admit.placement(), now));
    }

    private void leave(JobId job, @Nullable JobId preemptor, Moment now) {
        running.computeIfPresent(job, (id, each) -> each.leavingFor(preemptor));
        told.putIfAbsent(job, now);
    }

    private void promise(JobId job, @Nullable Promise promise) {
        waiting.computeIfPresent(
                job, (id, each) -> Objects.equals(each.promise(), promise) ? each : each.promised(promise));
    }

    public Collection<Waiting> waiting() {
        return waiting.values();
    }

    public boolean isWaiting(JobId job) {
        return waiting.containsKey(job);
    }

    public Collection<Running> running() {
        return running.values();
    }

    public Site site() {
        return site;
    }
}
