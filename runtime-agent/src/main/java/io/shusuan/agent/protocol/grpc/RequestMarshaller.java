package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import java.io.InputStream;

/**
 * Reads requests. Bytes that are no message become one instance that stands for them, which {@link UnreadableRequests} answers: an
 * exception from here would reach the caller as UNKNOWN and the log as a fault of ours.
 */
final class RequestMarshaller<Q extends Message> implements Marshaller<Q>, UnreadableMark {
    private final Marshaller<Q> messages;
    private final Q unreadable;

    @SuppressWarnings("unchecked") // a builder of Q builds a Q
    RequestMarshaller(Q prototype) {
        this.messages = ProtoUtils.marshaller(prototype);
        // an instance of its own: no message that was read is the same object
        this.unreadable = (Q) prototype
                .newBuilderForType()
                .setUnknownFields(
                        UnknownFieldSet.newBuilder().mergeVarintField(1, 1).build())
                .build();
    }

    @Override
    public InputStream stream(Q message) {
        return messages.stream(message);
    }

    @Override
    public Q parse(InputStream bytes) {
        try {
            return messages.parse(bytes);
        } catch (StatusRuntimeException noMessage) {
            return unreadable;
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // it is the instance that counts
    public boolean isUnreadable(Object message) {
        return message == unreadable;
    }
}
