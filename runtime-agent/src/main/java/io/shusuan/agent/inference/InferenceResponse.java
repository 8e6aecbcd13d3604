package io.shusuan.agent.inference;

import java.util.List;
import java.util.Map;

/** What a model answered. It owns its output tensors until {@link #close()}. */
public record InferenceResponse(
        String model, long version, String id, List<Tensor> outputs, Map<String, Parameter> parameters)
        implements AutoCloseable {
    public InferenceResponse {
        outputs = List.copyOf(outputs);
        parameters = Map.copyOf(parameters);
    }

    public InferenceResponse(String model, long version, String id, List<Tensor> outputs) {
        this(model, version, id, outputs, Map.of());
    }

    @Override
    public void close() {
        outputs.forEach(Tensor::release);
    }
}
