package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.metrics.Departure;
import io.shusuan.agent.scheduling.BatchPolicy.Candidates;
import io.shusuan.agent.scheduling.BatchPolicy.End;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;

/** Which sequences of an instance go into a batch together, and when. Pure. */
sealed interface SequencePolicy {
    /** What to do now. */
    sealed interface Decision {
        /** One request of each of these goes. */
        record Leave(List<Sequence> sequences, Departure why) implements Decision {}

        /** Look again at {@code until}, or when another request comes. */
        record Hold(long until) implements Decision {}
    }

    static SequencePolicy of(ModelConfig config, BiPredicate<InferenceRequest, InferenceRequest> compatible) {
        var batching = config.getSequenceBatching();
        int maxBatchSize = config.getMaxBatchSize();
        if (batching.hasOldest()) {
            var oldest = batching.getOldest();
            return new Oldest(
                    maxBatchSize > 0
                            ? BatchPolicy.batching(
                                    maxBatchSize,
                                    oldest.getPreferredBatchSizeList(),
                                    oldest.getMaxQueueDelayMicroseconds())
                            : BatchPolicy.oneByOne(),
                    Math.max(1, oldest.getMaxCandidateSequences()),
                    compatible);
        }
        return new Direct(
                Math.max(1, maxBatchSize),
                TimeUnit.MICROSECONDS.toNanos(batching.getDirect().getMaxQueueDelayMicroseconds()),
                batching.getDirect().getMinimumSlotUtilization(),
                compatible);
    }

    /** How many sequences an instance takes care of at a time. */
    int slots();

    /**
     * @param ready the sequences with a request to run, the one that has waited longest first; at least one
     */
    Decision decide(List<Sequence> ready, boolean hurrying, long now);

    /** Each sequence has a row of its own in the batch; those without a request leave theirs empty. */
    record Direct(
            int slots,
            long delayNanos,
            double minimumUtilization,
            BiPredicate<InferenceRequest, InferenceRequest> compatible)
            implements SequencePolicy {
        @Override
        public Decision decide(List<Sequence> ready, boolean hurrying, long now) {
            var first = ready.getFirst().next();
            var together = ready.stream()
                    .filter(sequence -> sequence.next().equals(first)
                            || compatible.test(first.request(), sequence.next().request()))
                    .toList();
            if (slots == 1) {
                return new Decision.Leave(together, Departure.SINGLE);
            }
            if (together.size() == slots) {
                return new Decision.Leave(together, Departure.FULL);
            }
            if (together.size() >= minimumUtilization * slots) {
                return new Decision.Leave(together, Departure.NO_DELAY);
            }
            if (hurrying) {
                return new Decision.Leave(together, Departure.DRAIN);
            }
            return now - first.arrived() >= delayNanos
                    ? new Decision.Leave(together, Departure.DELAY)
                    : new Decision.Hold(first.arrived() + delayNanos);
        }
    }

    /** As in dynamic batching, with one request of each sequence at a time. */
    record Oldest(BatchPolicy batches, int slots, BiPredicate<InferenceRequest, InferenceRequest> compatible)
            implements SequencePolicy {
        @Override
        public Decision decide(List<Sequence> ready, boolean hurrying, long now) {
            return switch (batches.decide(front(ready, hurrying), now)) {
                case BatchPolicy.Decision.Leave leave ->
                    new Decision.Leave(ready.subList(0, leave.requests()), leave.why());
                case BatchPolicy.Decision.Hold hold -> new Decision.Hold(hold.until());
            };
        }

        private Candidates front(List<Sequence> ready, boolean hurrying) {
            var first = ready.getFirst().next();
            var sizes = new ArrayList<Long>();
            var end = End.OPEN;
            for (var sequence : ready) {
                if (!sizes.isEmpty() && sizes.size() >= batches.maxBatchSize()) {
                    end = End.NO_ROOM;
                    break;
                }
                if (!sizes.isEmpty()
                        && !compatible.test(first.request(), sequence.next().request())) {
                    end = End.DIFFERENT;
                    break;
                }
                sizes.add(sizes.size() + 1L);
            }
            return new Candidates(sizes.stream().mapToLong(Long::longValue).toArray(), end, first.arrived(), hurrying);
        }
    }
}
