package io.shusuan.scheduler.sharing;

/** A change of how the nodes are shared that cannot be, or that has to be confirmed first. */
public final class SharingRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Why it is refused. */
    public enum Cause {
        /** What should be changed or removed is not there. */
        NOT_FOUND,
        /** The settings name a cohort that is not there. */
        UNKNOWN_COHORT,
        /** The settings name a flavour that is not there. */
        UNKNOWN_FLAVOUR,
        /** The settings name a priority class that is not there. */
        UNKNOWN_PRIORITY_CLASS,
        /** The job's queue does not take the priority that it is given. */
        PRIORITY_NOT_TAKEN,
        COHORT_CYCLE,
        /** Something else refers to what should be removed. */
        STILL_USED,
        /** Jobs that run use more than there would be. */
        QUOTA_BELOW_USE,
        /** Jobs that wait would wait for ever. */
        WOULD_STRAND,
        /** Jobs that run would be evicted. */
        WOULD_EVICT,
        /** There is no such scheduler in the cluster that the queue could be handed to. */
        NOT_INSTALLED
    }

    private final Cause cause;
    private final String setting;

    public SharingRefusedException(Cause cause, String sentence) {
        this(cause, sentence, "");
    }

    /** @param setting which is wrong, as the API calls it; empty, if it is not a single one */
    SharingRefusedException(Cause cause, String sentence, String setting) {
        super(sentence);
        this.cause = cause;
        this.setting = setting;
    }

    /** The setting that is wrong, as the API calls it; empty, if it is not a single one. */
    public String setting() {
        return setting;
    }

    public Cause reason() {
        return cause;
    }
}
