package io.shusuan.agent.backend.square;

import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.Responses;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.List;

/** Answers as often as its input says. */
record SquareInstance() implements BackendInstance {
    @Override
    public List<Tensor> run(InferenceRequest request) {
        throw ServingException.unsupported("a square model answers more than once: it must be decoupled");
    }

    @Override
    public void stream(InferenceRequest request, Responses responses) {
        request.timing().inputsReady();
        var input = request.inputs().getFirst();
        int times = input.shape().elementCount() == 0
                ? 0
                : input.data().getIntLE(input.data().readerIndex());
        for (int i = 0; i < times; i++) {
            var data = ByteBufAllocator.DEFAULT.buffer(4).writeIntLE(times);
            responses.send(List.of(new Tensor("OUT", DataType.INT32, Shape.of(1), data)));
        }
        request.timing().outputsReady();
    }

    @Override
    public void close() {}
}
