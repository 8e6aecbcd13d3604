package io.shusuan.scheduler.queue;

import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import java.util.Locale;

/** Why a job must not be looked at, whatever is free: something about the job itself that the queue does not decide. */
public record Hold(WaitReason reason, String sentence) {

    public Hold {
        if (reason.tier() != WaitReason.Tier.JOB) {
            throw new IllegalArgumentException("%s says nothing about the job itself".formatted(reason));
        }
    }

    /** Of the jobs of a queue that admits none. */
    public static Hold closed(QueueName queue, QueueState state) {
        return new Hold(
                WaitReason.ON_HOLD,
                "queue %s is %s: an administrator must resume it"
                        .formatted(queue, state.name().toLowerCase(Locale.ROOT)));
    }
}
