package io.shusuan.scheduler.queue;

/** Why a job must not be looked at, whatever is free: something about the job itself that the queue does not decide. */
public record Hold(WaitReason reason, String sentence) {

    public Hold {
        if (reason.tier() != WaitReason.Tier.JOB) {
            throw new IllegalArgumentException("%s says nothing about the job itself".formatted(reason));
        }
    }
}
