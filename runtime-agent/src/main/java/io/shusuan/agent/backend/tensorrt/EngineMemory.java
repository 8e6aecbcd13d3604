package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.gpu.MemoryBudget;
import io.shusuan.agent.backend.gpu.MemoryUse;
import java.util.List;
import java.util.Optional;

/**
 * Settles what an engine that was read will take of the GPU in use, before a context of it is made: how many of its weights stay there, and
 * what its instances need besides.
 */
record EngineMemory(NativeCalls calls, long engine, List<Binding> bindings, long instances) {
    /**
     * Makes the share as large as the engine needs.
     *
     * @param budget for the weights; empty for all
     */
    void take(MemoryBudget.Share share, Optional<WeightBudget> budget, String model) throws LoadException {
        long weights = calls.weightBytes(engine);
        long streamable = calls.streamableBytes(engine);
        // those that cannot be streamed are there already; the others come with the first context
        long there = weights - streamable;
        if (budget.isEmpty()) {
            share.change(EngineUse.ofWeights(weights), there, calls.memory());
            share.change(use(weights), there, calls.memory());
            return;
        }
        if (streamable == 0) {
            throw new LoadException(
                    "WEIGHTS_NOT_STREAMABLE: '" + model + "' has the parameter " + ServingParameters.WEIGHTS
                            + ", and its plan was not built for that: build it with engine build --weight-streaming (build_weight_streaming), "
                            + "or leave the parameter out");
        }
        long kept = Math.min(streamable, kept(share, budget.get(), there, streamable));
        calls.setWeightBudget(engine, kept);
        share.change(EngineUse.ofWeights(there + kept), there, calls.memory());
        share.change(use(there + kept), there, calls.memory());
    }

    /** What is left by others and by what the instances need; TensorRT may know of less. */
    private long kept(MemoryBudget.Share share, WeightBudget budget, long there, long streamable) throws LoadException {
        if (!(budget instanceof WeightBudget.Automatic)) {
            return budget.of(streamable, streamable);
        }
        calls.setWeightBudget(engine, 0);
        var least = use(there);
        share.change(least, there, calls.memory());
        long room = share.room(there, calls.memory()) - (least.total() - there);
        return budget.of(streamable, Math.min(room, calls.automaticWeightBudget(engine)));
    }

    private MemoryUse use(long weights) {
        return EngineUse.of(calls, engine, bindings, weights, instances);
    }
}
