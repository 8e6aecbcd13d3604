package io.shusuan.scheduler.queue;

import java.util.List;

/** Fair shares of many GPUs: decides about all jobs of a snapshot. Keeps nothing between two cycles. */
public final class FairPolicy {

    /** One decision for each waiting job, in the snapshot's order, after one for each running job that has to leave. */
    public List<Decision> decide(Snapshot snapshot) {
        return new Cycle(snapshot).decide();
    }
}
