package io.shusuan.agent;

/** The agent cannot start; the message is one line for whoever started it. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }
}
