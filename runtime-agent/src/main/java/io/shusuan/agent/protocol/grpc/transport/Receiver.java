package io.shusuan.agent.protocol.grpc.transport;

/** What hears of one call. It is called on the network's own thread, by one at a time, and never waits. */
public interface Receiver {
    /** A message of so many bytes begins; of a compressed one it is only known that it is no longer. */
    MessageReader message(int bytes);

    /** The caller has sent all it wanted to send. */
    void halfClosed();

    /** Whether messages lie here until the caller has sent all: they count as if they were still arriving, and the end must come soon. */
    default boolean awaitsEnd() {
        return false;
    }

    /** The caller has gone, or its call was ended for it: nothing that is sent arrives any more. */
    void cancelled();

    /** The caller has read what was sent, and there is room for more. */
    default void ready() {}
}
