package io.shusuan.scheduler.cluster;

/** The cluster cannot be asked now; the same call may succeed later. The message is fit for people. */
public final class ClusterUnavailableException extends Exception {

    private static final long serialVersionUID = 1;

    public ClusterUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
