package io.shusuan.scheduler.job;

/** Jobs hold resources of another cluster than the one that is to be used from now on. */
public class OtherClusterException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String bound;

    OtherClusterException(long jobs, String bound, String wanted) {
        super(
                "%d job(s) hold resources of the cluster '%s', and this platform is set to use '%s', where it can neither see nor end them."
                        .formatted(jobs, bound, wanted));
        this.bound = bound;
    }

    /** The cluster that they are on. */
    public String bound() {
        return bound;
    }
}
