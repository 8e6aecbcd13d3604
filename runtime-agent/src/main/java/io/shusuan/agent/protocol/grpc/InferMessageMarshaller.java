package io.shusuan.agent.protocol.grpc;

import io.grpc.MethodDescriptor.Marshaller;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Infer requests as the server reads them; it never writes one. */
final class InferMessageMarshaller implements Marshaller<InferMessage>, UnreadableMark {
    /** Like that of {@link RequestMarshaller}: an exception from here would be told as a fault of ours. */
    private static final InferMessage UNREADABLE = new InferMessage(ModelInferRequest.getDefaultInstance(), List.of());

    @Override
    public InferMessage parse(InputStream stream) {
        try {
            return InferMessageReader.read(stream);
        } catch (IOException noMessage) {
            return UNREADABLE;
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // it is the instance that counts
    public boolean isUnreadable(Object message) {
        return message == UNREADABLE;
    }

    @Override
    public InputStream stream(InferMessage message) {
        throw new UnsupportedOperationException("a server sends no requests");
    }
}
