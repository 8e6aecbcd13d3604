package io.shusuan.db.postgres;

/** Why the embedded PostgreSQL cannot be had, in words for whoever runs the platform, and what mends it. */
public final class EmbeddedPostgresException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The one taxonomy of what goes wrong here. */
    public enum Reason {
        HOME_UNUSABLE,
        HOME_IN_USE,
        DISK_FULL,
        NO_BINARIES,
        ROOT_REFUSED,
        PASSWORD_MISSING,
        PASSWORD_REFUSED,
        DATA_FOREIGN,
        DATA_OF_OTHER_VERSION,
        PORT_TAKEN,
        INITDB_FAILED,
        START_FAILED,
        STOP_FAILED
    }

    private final Reason reason;
    private final String problem;
    private final String remedy;

    EmbeddedPostgresException(Reason reason, String problem, String remedy) {
        super(problem + " " + remedy);
        this.reason = reason;
        this.problem = problem;
        this.remedy = remedy;
    }

    EmbeddedPostgresException(Reason reason, String problem, String remedy, Throwable cause) {
        this(reason, problem, remedy);
        initCause(cause);
    }

    public Reason reason() {
        return reason;
    }

    /** What is wrong, and where. */
    public String problem() {
        return problem;
    }

    /** What to do about it. */
    public String remedy() {
        return remedy;
    }
}
