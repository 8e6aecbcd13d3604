package io.shusuan.agent.inference;

/**
 * A refusal or failure whose message may be shown to the caller. It carries no stack trace: it is an answer, and a flood of bad
 * requests must stay cheap.
 */
public final class ServingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public ServingException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public static ServingException invalid(String message) {
        return new ServingException(Reason.INVALID, message);
    }

    public static ServingException malformed(String message) {
        return new ServingException(Reason.MALFORMED, message);
    }

    public static ServingException notFound(String message) {
        return new ServingException(Reason.NOT_FOUND, message);
    }

    public static ServingException unavailable(String message) {
        return new ServingException(Reason.UNAVAILABLE, message);
    }

    public static ServingException unsupported(String message) {
        return new ServingException(Reason.UNSUPPORTED, message);
    }

    public static ServingException internal(String message) {
        return new ServingException(Reason.INTERNAL, message);
    }

    /** The same failure, said of one request. */
    public ServingException labelled(String label) {
        return text().startsWith("[request id: ") ? this : new ServingException(reason, label + text());
    }

    public Reason reason() {
        return reason;
    }

    /** The message, never null. */
    public String text() {
        var message = getMessage();
        return message == null ? reason.name() : message;
    }
}
