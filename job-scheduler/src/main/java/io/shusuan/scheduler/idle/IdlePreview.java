package io.shusuan.scheduler.idle;

import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.idle.Idleness.Idle;
import io.shusuan.scheduler.sharing.IdlePolicy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Says before a queue does something else about idle GPUs whom that would concern at once. */
@Service
public class IdlePreview {

    private final IdleWatch watch;
    private final Jobs jobs;
    private final Clock clock;

    IdlePreview(IdleWatch watch, Jobs jobs, Clock clock) {
        this.watch = watch;
        this.jobs = jobs;
        this.clock = clock;
    }

    /** What would become of a job; a warning is anew where one stands that says something else. */
    public enum Fate {
        STOPPED,
        WARNED,
        WITHDRAWN
    }

    /**
     * A job that it would concern.
     *
     * @param idle for how long its GPUs have done nothing; null for one whose warning is withdrawn
     * @param stopsAt when it would be stopped unless its GPUs work until then; null, if it is only warned
     */
    public record Effect(
            JobId job,
            String name,
            int gpus,
            String nodes,
            Fate fate,
            @Nullable Duration idle,
            @Nullable Instant stopsAt) {}

    /**
     * What a policy would do at once.
     *
     * @param unknown of how many jobs with GPUs it is not known here whether they use them
     */
    public record Outcome(List<Effect> effects, int unknown) {

        public Outcome {
            effects = List.copyOf(effects);
        }
    }

    public Outcome of(QueueName queue, IdlePolicy policy) throws ClusterUnavailableException {
        var now = clock.instant();
        var known = watch.onPaper(queue.value(), now.minus(IdleRule.FRESH));
        var found = jobs.findAll(known.stream().map(Idleness::job).toList());
        var effects = known.stream()
                .flatMap(each -> Stream.ofNullable(found.get(each.job()))
                        .flatMap(job -> Stream.ofNullable(effect(each, job, policy, now))))
                .toList();
        var unknown = policy.isNone()
                ? 0
                : known.stream()
                        .filter(each -> each.measured() instanceof Idleness.Unknown)
                        .count();
        return new Outcome(effects, Math.toIntExact(unknown));
    }

    private static @Nullable Effect effect(Idleness known, Job job, IdlePolicy policy, Instant now) {
        return switch (IdleDecision.of(known, policy, now)) {
            case IdleDecision.Nothing _ -> null;
            case IdleDecision.Withdraw _ -> effect(known, job, Fate.WITHDRAWN, null, null);
            case IdleDecision.Warn warn -> effect(known, job, Fate.WARNED, warn.idle(), warn.stopsAt());
            case IdleDecision.Stop stop -> effect(known, job, Fate.STOPPED, stop.idle(), null);
        };
    }

    private static Effect effect(Idleness known, Job job, Fate fate, @Nullable Idle idle, @Nullable Instant stopsAt) {
        return new Effect(
                job.id(),
                job.name().value(),
                known.gpus(),
                known.nodes(),
                fate,
                idle == null ? null : idle.time(),
                stopsAt);
    }
}
