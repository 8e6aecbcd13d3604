package io.shusuan.scheduler.cluster;

import java.util.Objects;

/** The cluster will never run this workload as it is; the reason is a code, the message says what to change. */
public final class ClusterRefusedException extends Exception {

    private static final long serialVersionUID = 1;

    private final String reason;

    public ClusterRefusedException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }

    /** Never null: every thrower says something. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
