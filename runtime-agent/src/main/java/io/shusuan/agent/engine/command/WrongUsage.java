package io.shusuan.agent.engine.command;

/** The command line is wrong; the message says what and how to mend it. */
final class WrongUsage extends Exception {
    private static final long serialVersionUID = 1L;

    WrongUsage(String message) {
        super(message);
    }
}
