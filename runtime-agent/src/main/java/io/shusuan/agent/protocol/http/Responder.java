package io.shusuan.agent.protocol.http;

import io.shusuan.agent.trace.Trace;
import java.util.function.Supplier;

/** The way back to one caller. */
public interface Responder {
    /** Sends an answer. */
    void send(HttpAnswer answer);

    /** Makes the answer on the connection's own thread and sends it. The supplier is always called, also when nobody listens. */
    void sendLater(Supplier<HttpAnswer> answer);

    /** Begins an answer that is sent in parts, in place of the two above. */
    PartsWriter begin(String contentType);

    /** Runs the action if the caller goes away before it has its answer. */
    void onDisconnect(Runnable action);

    /** Tells a trace when the answer leaves, and when it has left or the caller has. */
    void traced(Trace trace);
}
