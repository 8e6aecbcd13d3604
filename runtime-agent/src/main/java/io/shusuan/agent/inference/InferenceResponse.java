package io.shusuan.agent.inference;

import java.util.List;

/** What a model answered. It owns its output tensors until {@link #close()}. */
public record InferenceResponse(String model, long version, String id, List<Tensor> outputs) implements AutoCloseable {
    public InferenceResponse {
        outputs = List.copyOf(outputs);
    }

    @Override
    public void close() {
        outputs.forEach(Tensor::release);
    }
}
