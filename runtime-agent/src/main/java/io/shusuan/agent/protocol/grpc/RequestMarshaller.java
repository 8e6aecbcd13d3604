package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;

/**
 * Reads requests. Bytes that are no message become one instance that stands for them, which {@link UnreadableRequests} answers: an
 * exception from here would reach the caller as UNKNOWN and the log as a fault of ours.
 */
final class RequestMarshaller<Q> implements Marshaller<Q> {
    /** Where a request comes from; throws when the bytes are none. */
    private interface Reading<Q> {
        Q read(InputStream bytes) throws IOException;
    }

    private final Reading<Q> reading;
    private final Function<Q, InputStream> writing;
    private final Q unreadable;

    private RequestMarshaller(Reading<Q> reading, Function<Q, InputStream> writing, Q unreadable) {
        this.reading = reading;
        this.writing = writing;
        this.unreadable = unreadable;
    }

    @SuppressWarnings("unchecked") // a builder of Q builds a Q
    static <Q extends Message> RequestMarshaller<Q> of(Q prototype) {
        var messages = ProtoUtils.marshaller(prototype);
        // an instance of its own: no message that was read is the same object
        var unreadable = (Q) prototype
                .newBuilderForType()
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().mergeVarintField(1, 1).build())
                .build();
        return new RequestMarshaller<>(messages::parse, messages::stream, unreadable);
    }

    /** Infer requests as the server reads them; it never writes one. */
    static RequestMarshaller<InferMessage> ofInferMessages() {
        return new RequestMarshaller<>(
                InferMessageReader::read,
                _ -> {
                    throw new UnsupportedOperationException("a server sends no requests");
                },
                new InferMessage(ModelInferRequest.getDefaultInstance(), List.of()));
    }

    @Override
    public InputStream stream(Q message) {
        return writing.apply(message);
    }

    @Override
    public Q parse(InputStream bytes) {
        try {
            return reading.read(bytes);
        } catch (IOException | StatusRuntimeException noMessage) {
            return unreadable;
        }
    }

    @SuppressWarnings("ReferenceEquality") // it is the instance that counts
    boolean isUnreadable(Object message) {
        return message == unreadable;
    }
}
