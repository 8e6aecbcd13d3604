package io.shusuan.agent.backend.iterative;

import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.Responses;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** Answers with what is left after this step. */
record IterativeInstance(String input, String output, String stateInput, String stateOutput)
        implements BackendInstance {
    @Override
    public List<Tensor> run(InferenceRequest request) {
        throw ServingException.unsupported("an iterative_sequence model answers more than once: it must be decoupled");
    }

    @Override
    public void stream(InferenceRequest request, Responses responses) {
        request.timing().inputsReady();
        var asked = tensor(request, input);
        int before = number(tensor(request, stateInput));
        // the first step finds the state as it begins
        int left = Math.max(0, (before == 0 ? number(asked) : before) - 1);
        request.timing().outputsReady();
        responses.send(List.of(like(asked, output, left), like(asked, stateOutput, left)));
        if (left > 0) {
            responses.again();
        }
    }

    private static Tensor tensor(InferenceRequest request, String name) {
        return request.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static int number(Tensor tensor) {
        return tensor.data().getIntLE(tensor.data().readerIndex());
    }

    private static Tensor like(Tensor asked, String name, int value) {
        return new Tensor(
                name,
                asked.type(),
                asked.shape(),
                ByteBufAllocator.DEFAULT.buffer(Integer.BYTES).writeIntLE(value));
    }

    @Override
    public void close() {}
}
