package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.Signature;
import io.shusuan.agent.backend.StandIn;
import java.util.Optional;

/**
 * The ONNX model in another engine, while there is no plan of it.
 *
 * @param largestBatch what the plan will take, so that nothing is promised that it will not keep
 * @param forgotten runs when nobody waits for the plan any more
 */
record StandInModel(BackendModel onnx, int largestBatch, StandIn state, Runnable forgotten) implements BackendModel {
    @Override
    public Optional<Signature> signature() {
        return onnx.signature().map(whole -> new Signature(whole.inputs(), whole.outputs(), largestBatch));
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
