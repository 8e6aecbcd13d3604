package io.shusuan.agent.engine;

/** Something could not be done with a model; the message says what, where and how to mend it. */
public final class EngineException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Fault fault;

    public EngineException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public EngineException(Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }

    /** The message, never null. */
    public String text() {
        var message = getMessage();
        return message == null ? fault.name() : message;
    }
}
