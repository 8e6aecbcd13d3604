package io.shusuan.db.job;

/** What a job is for: training ends by itself, inference serves until it is stopped. */
public enum JobKind {
    TRAINING,
    INFERENCE
}
