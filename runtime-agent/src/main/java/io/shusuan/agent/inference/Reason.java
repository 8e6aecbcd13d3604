package io.shusuan.agent.inference;

/** Why something was refused or failed. Each protocol maps a reason to its own code in one place. */
public enum Reason {
    /** The request is well formed and cannot be served as it stands. */
    INVALID,
    /** The request's text cannot be read. HTTP answers 500 as Triton does, 400 in strict mode. */
    MALFORMED,
    NOT_FOUND,
    ALREADY_EXISTS,
    /** The caller has not said, by a token the server knows, who it is. */
    UNAUTHENTICATED,
    /** The call is only for those who bring a certain header. */
    RESTRICTED,
    /** Not now: the queue is full, the model is not ready, the server is going away. */
    UNAVAILABLE,
    UNSUPPORTED,
    TOO_LARGE,
    /** The caller went away before its answer was ready. */
    CANCELLED,
    /** The engine failed while it ran the model. */
    BACKEND,
    INTERNAL
}
