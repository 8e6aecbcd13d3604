package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.ByteString;
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

    /** The whole answer as one message, with copies of the tensors. */
    ModelInferResponse whole() {
        var message = described.toBuilder();
        for (var tensor : raw) {
            message.addRawOutputContents(ByteString.copyFrom(tensor.nioBuffer()));
        }
        return message.build();
    }
}
