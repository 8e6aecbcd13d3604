package io.shusuan.scheduler.simulation;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Decision;
import io.shusuan.scheduler.queue.Ending;
import io.shusuan.scheduler.queue.FairPolicy;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Promise;
import io.shusuan.scheduler.queue.Rules;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Snapshot;
import io.shusuan.scheduler.queue.Waiting;
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
    private final Site site;
    private final Rules rules;
    private final Duration grace;
    private final Map<JobId, Waiting> waiting = new LinkedHashMap<>();
    private final Map<JobId, Running> running = new LinkedHashMap<>();
    private final Map<JobId, Waiting> submissions = new HashMap<>();
    private final Map<JobId, Moment> told = new LinkedHashMap<>();
    private Cohort cohorts;
    private Map<QueueName, Limits> recent = Map.of();

    /** @param grace how long a job that was told to leave stays */
    public World(Site site, Cohort cohorts, Rules rules, Duration grace) {
        this.site = site;
        this.cohorts = cohorts;
        this.rules = rules;
        this.grace = grace;
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

    private Waiting submission(JobId job) {
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
                case Decision.Evict evict -> leave(evict.job(), null, now);
                case Decision.Wait wait -> promise(wait.job(), wait.promise());
            }
        }
    }

    private void start(Decision.Admit admit, Moment now) {
        var job = submission(admit.job());
        waiting.remove(admit.job());
        var limit = job.limit();
        var ending = limit == null ? Ending.UNKNOWN : new Ending.By(now.plus(limit));
        running.put(
                job.job(),
                new Running(
                        job.job(),
                        job.queue(),
                        job.user(),
                        job.priority(),
                        now,
                        now,
                        ending,
                        true,
                        null,
                        admit.placement()));
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

    public Collection<Running> running() {
        return running.values();
    }

    public Site site() {
        return site;
    }
}
