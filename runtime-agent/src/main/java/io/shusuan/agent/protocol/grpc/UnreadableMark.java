package io.shusuan.agent.protocol.grpc;

/** Of a marshaller that hands on one instance in place of bytes that are no message. */
interface UnreadableMark {
    boolean isUnreadable(Object message);
}
