package io.shusuan.scheduler.cluster;

import java.util.Objects;

/** The cluster cannot be asked now; the same call may succeed later. The message is fit for people. */
public final class ClusterUnavailableException extends Exception {

    private static final long serialVersionUID = 1;

    public ClusterUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Never null: every thrower says something. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
