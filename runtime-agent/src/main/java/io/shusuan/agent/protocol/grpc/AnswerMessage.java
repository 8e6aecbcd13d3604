package io.shusuan.agent.protocol.grpc;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import java.util.List;

/**
 * An infer answer whose tensors still lie where the engine wrote them, beside the message that describes them. They are borrowed: it is
 * only valid inside the call that sends it.
 */
record AnswerMessage(ModelInferResponse described, List<ByteBuf> raw) {
    AnswerMessage {
        raw = List.copyOf(raw);
    }
}
