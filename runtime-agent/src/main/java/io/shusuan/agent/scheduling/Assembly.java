package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.InputMemory;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** How the tensors of a batch's requests become those of one request, and its outputs those of many. Chosen when a model is loaded. */
interface Assembly {
    /**
     * @param initialStates what a sequence's states are when it begins, by the names of their inputs
     */
    static Assembly of(ModelConfig config, Map<String, byte[]> initialStates) {
        var plain = BatchTensors.of(config);
        if (config.hasSequenceBatching()) {
            return SequenceTensors.of(config, initialStates, plain);
        }
        return RaggedTensors.isAskedForBy(config) ? RaggedTensors.of(config, plain) : plain;
    }

    /** All the tensors that are added, or none: when one cannot be made, those made before it are released. */
    static List<Tensor> complete(Consumer<List<Tensor>> adding) {
        var tensors = new ArrayList<Tensor>();
        boolean done = false;
        try {
            adding.accept(tensors);
            done = true;
            return tensors;
        } finally {
            if (!done) {
                tensors.forEach(Tensor::release);
            }
        }
    }

    /** What a batch asks of the engine, in the name of its first member. */
    static InferenceRequest request(
            InferenceRequest first, List<Tensor> inputs, List<String> outputs, RequestParameters parameters) {
        return new InferenceRequest(
                first.model(), first.version(), first.id(), inputs, outputs, parameters, Timing.startingNow());
    }

    /** Whether a request that runs alone may run on its own tensors. */
    boolean leavesOneAsItIs();

    /** One request that asks for what all ask for, its tensors gathered in the given memory; the caller owns it. The members keep their own inputs. */
    InferenceRequest gather(Batch batch, InputMemory memory);

    /** Cuts the outputs of a batch, one list for each member; the given tensors are released, the new ones are the caller's. */
    List<List<Tensor>> split(List<Tensor> outputs, Batch batch);
}
