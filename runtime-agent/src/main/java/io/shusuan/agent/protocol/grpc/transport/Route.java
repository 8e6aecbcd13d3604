package io.shusuan.agent.protocol.grpc.transport;

/** Begins to answer the calls of one method. */
@FunctionalInterface
public interface Route {
    /** Called on the network's own thread, as everything that is told to the receiver. */
    Receiver begin(Call call);
}
