package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.metrics.Departure;
import java.util.Collection;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * When the requests at the front of a queue leave it together. Pure: the same candidates at the same time, the same decision. The
 * rules are Triton's; {@code DESIGN.md} tells them.
 *
 * @param eager whether a batch that could still grow leaves for an instance that is busy
 */
record BatchPolicy(long maxBatchSize, TreeSet<Long> preferred, long delayNanos, boolean eager) {

    /** What the front of the queue offers: how large the batch is after each request, and what ends it there. */
    record Candidates(long[] sizes, End end, long oldestArrival, boolean draining) {
        int count() {
            return sizes.length;
        }

        long total() {
            return sizes[sizes.length - 1];
        }
    }

    /** Why no further request can join. */
    enum End {
        /** The queue ends here: one that arrives later may join. */
        OPEN,
        /** The next request would exceed {@code max_batch_size}. */
        NO_ROOM,
        /** The next request has other shapes or inputs. */
        DIFFERENT
    }

    /** What to do now. */
    sealed interface Decision {
        /** The first {@code requests} go. */
        record Leave(int requests, Departure why) implements Decision {}

        /** Look again at {@code until}, or as soon as {@code size} inferences wait. */
        record Hold(long until, long size) implements Decision {}
    }

    static BatchPolicy of(ModelConfig config) {
        if (!config.hasDynamicBatching() || config.getMaxBatchSize() < 1) {
            return oneByOne();
        }
        var batching = config.getDynamicBatching();
        return batching(
                config.getMaxBatchSize(),
                batching.getPreferredBatchSizeList(),
                batching.getMaxQueueDelayMicroseconds(),
                config.getOptimization().getEagerBatching());
    }

    static BatchPolicy oneByOne() {
        return new BatchPolicy(0, new TreeSet<>(), 0, false);
    }

    static BatchPolicy batching(long maxBatchSize, Collection<Integer> preferred, long delayMicros) {
        return batching(maxBatchSize, preferred, delayMicros, false);
    }

    static BatchPolicy batching(long maxBatchSize, Collection<Integer> preferred, long delayMicros, boolean eager) {
        var sizes = new TreeSet<Long>();
        preferred.forEach(size -> sizes.add((long) size));
        if (sizes.isEmpty()) {
            sizes.add(maxBatchSize);
        }
        return new BatchPolicy(maxBatchSize, sizes, TimeUnit.MICROSECONDS.toNanos(delayMicros), eager);
    }

    boolean batches() {
        return maxBatchSize > 0;
    }

    Decision decide(Candidates front, long now) {
        if (!batches()) {
            return new Decision.Leave(1, Departure.SINGLE);
        }
        boolean delayed = delayNanos > 0 && now - front.oldestArrival() >= delayNanos;
        int best = bestPreferred(front);
        if (best > 0 && !delayed) {
            long size = front.sizes()[best - 1];
            return new Decision.Leave(best, size == maxBatchSize ? Departure.FULL : Departure.PREFERRED);
        }
        if (front.end() == End.DIFFERENT) {
            return new Decision.Leave(front.count(), Departure.SHAPE);
        }
        if (front.end() == End.NO_ROOM || front.total() >= preferred.last()) {
            return new Decision.Leave(front.count(), Departure.FULL);
        }
        if (delayed) {
            return new Decision.Leave(front.count(), Departure.DELAY);
        }
        if (front.draining()) {
            return new Decision.Leave(front.count(), Departure.DRAIN);
        }
        if (delayNanos == 0) {
            return new Decision.Leave(front.count(), Departure.NO_DELAY);
        }
        Long next = preferred.higher(front.total());
        return new Decision.Hold(front.oldestArrival() + delayNanos, next == null ? maxBatchSize : next);
    }

    /**
     * Whether a batch leaves for an instance that still computes another: while it does, the batch could only grow, so it leaves when it
     * will not, or may not wait.
     */
    boolean leavesAhead(Decision.Leave leave, Candidates front) {
        return eager
                || switch (leave.why()) {
                    case FULL, DELAY, SHAPE, DRAIN, SINGLE -> true;
                    case PREFERRED -> front.sizes()[leave.requests() - 1] >= preferred.last();
                    case NO_DELAY -> false;
                };
    }

    /** How many requests make the largest preferred size, or come closest below the largest one when none is met; 0 for none. */
    private int bestPreferred(Candidates front) {
        int best = 0;
        for (int i = 0; i < front.count(); i++) {
            if (best == 0 && i > 0 && front.sizes()[i] > preferred.last()) {
                return i;
            }
            if (preferred.contains(front.sizes()[i])) {
                best = i + 1;
            }
        }
        return best;
    }
}
