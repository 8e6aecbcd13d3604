package io.shusuan.agent.protocol.http;

/** What stands behind a port. */
public interface HttpService {
    /**
     * Answers a call through the responder, now or later and from any thread, exactly once. The call's body is valid until then;
     * whoever needs it longer retains it. An exception counts as the answer.
     */
    void handle(HttpCall call, Responder responder);

    /** The status and content type for an exception that came out of {@link #handle}. */
    HttpAnswer answerFor(RuntimeException failure);
}
