package io.shusuan.agent.protocol.grpc;

import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;

/** Infer requests as the server reads them; it never writes one. */
final class InferMessageMarshaller implements Marshaller<InferMessage> {
    @Override
    public InferMessage parse(InputStream stream) {
        try {
            return InferMessageReader.read(stream);
        } catch (IOException broken) {
            throw Status.INTERNAL
                    .withDescription("Invalid protobuf byte sequence")
                    .withCause(broken)
                    .asRuntimeException();
        }
    }

    @Override
    public InputStream stream(InferMessage message) {
        throw new UnsupportedOperationException("a server sends no requests");
    }
}
