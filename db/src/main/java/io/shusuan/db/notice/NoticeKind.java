package io.shusuan.db.notice;

/** What a notice is about. */
public enum NoticeKind {
    /** All GPUs of a job do nothing. */
    IDLE_GPUS,
    /** A job was stopped, since all its GPUs did nothing. */
    STOPPED_IDLE
}
