package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.Signature;
import io.shusuan.agent.backend.Signature.TensorSpec;
import io.shusuan.agent.backend.StandIn;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The ONNX model in another engine, while there is no plan of it.
 *
 * @param largestBatch what the plan will take, so that nothing is promised that it will not keep
 * @param shapeTensors what the plan's are by the configuration, so that batches are made as for the plan
 * @param forgotten runs when nobody waits for the plan any more
 */
record StandInModel(BackendModel onnx, int largestBatch, Set<String> shapeTensors, StandIn state, Runnable forgotten)
        implements BackendModel {
    @Override
    public Optional<Signature> signature() {
        return onnx.signature()
                .map(whole -> new Signature(marked(whole.inputs()), marked(whole.outputs()), largestBatch));
    }

    /** To the other engine a shape tensor is one like all. */
    private List<TensorSpec> marked(List<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> new TensorSpec(spec.name(), spec.type(), spec.shape(), shapeTensors.contains(spec.name())))
                .toList();
    }

    @Override
    public String description() {
        return onnx.description() + "; " + state.reason();
    }

    @Override
    public BackendInstance instance(int ordinal) throws LoadException {
        return onnx.instance(ordinal);
    }

    @Override
    public Optional<String> failure() {
        return onnx.failure();
    }

    @Override
    public Optional<StandIn> standIn() {
        return Optional.of(state);
    }

    @Override
    public void close() {
        forgotten.run();
        onnx.close();
    }
}
