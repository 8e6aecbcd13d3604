package io.shusuan.agent.engine.session;

import ai.onnxruntime.OnnxTensor;
import java.util.Map;

/** Inputs as the engine has them. */
public record Feed(Map<String, OnnxTensor> tensors) implements AutoCloseable {
    public Feed {
        tensors = Map.copyOf(tensors);
    }

    @Override
    public void close() {
        tensors.values().forEach(OnnxTensor::close);
    }
}
