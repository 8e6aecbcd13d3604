package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Hold;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.sharing.PriorityLimits;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Holds back jobs whose priority their queue does not take: it did when they were submitted, and has been changed since then, or their class has. */
final class TakenPriorities {

    private TakenPriorities() {}

    /**
     * The same jobs, those that may not run with the reason.
     *
     * @param classes of the jobs that are of one
     */
    static List<Waiting> hold(List<Waiting> waiting, Map<JobId, PriorityClassName> classes, Sharing shares) {
        Map<QueueName, PriorityLimits> limits = shares.queues().stream()
                .filter(queue -> !queue.priorities().isAny())
                .collect(Collectors.toMap(QueueSettings::name, QueueSettings::priorities));
        if (limits.isEmpty()) {
            return waiting;
        }
        return waiting.stream()
                .map(job -> limits.getOrDefault(job.queue(), PriorityLimits.ANY)
                        .refusal(job.queue(), classes.get(job.job()), job.priority())
                        .map(
                                refusal -> job.held(
                                        new Hold(
                                                WaitReason.PRIORITY_NOT_TAKEN,
                                                refusal.sentence()
                                                        + "; submit it anew with another priority, or have an administrator change that")))
                        .orElse(job))
                .toList();
    }
}
