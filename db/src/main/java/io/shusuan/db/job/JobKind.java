package io.shusuan.db.job;

/** What a job is for: training ends by itself, inference serves until it is stopped, a conversion makes another version of a model and ends. */
public enum JobKind {
    TRAINING,
    INFERENCE,
    CONVERSION;

    /** Whether it goes on until it is stopped. */
    public boolean serves() {
        return this == INFERENCE;
    }
}
