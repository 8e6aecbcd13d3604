package io.shusuan.agent.backend;

/** A model cannot be loaded; the message says why and what to change, and is shown in the repository index. */
public final class LoadException extends Exception {
    private static final long serialVersionUID = 1L;

    public LoadException(String message) {
        super(message);
    }

    public LoadException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The message, never null. */
    public String text() {
        var message = getMessage();
        return message == null ? "the model could not be loaded" : message;
    }
}
