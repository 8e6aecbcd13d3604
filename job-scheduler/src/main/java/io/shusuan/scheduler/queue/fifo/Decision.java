package io.shusuan.scheduler.queue.fifo;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.queue.WaitReason;

/** What should become of one waiting job. */
public sealed interface Decision {

    JobId job();

    record Admit(JobId job) implements Decision {}

    /** It goes on waiting, for this reason; the sentence has the numbers. */
    record Wait(JobId job, WaitReason reason, String sentence) implements Decision {}
}
