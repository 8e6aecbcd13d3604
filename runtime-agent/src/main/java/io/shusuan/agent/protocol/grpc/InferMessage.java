package io.shusuan.agent.protocol.grpc;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.util.List;

/**
 * An infer request as it came: its raw tensors lie beside the message, in buffers an engine can use. Whoever holds it closes it; a
 * tensor made from it has a reference of its own.
 */
record InferMessage(ModelInferRequest request, List<ByteBuf> raw) implements AutoCloseable {
    InferMessage {
        raw = List.copyOf(raw);
    }

    @Override
    public void close() {
        raw.forEach(ByteBuf::release);
    }
}
