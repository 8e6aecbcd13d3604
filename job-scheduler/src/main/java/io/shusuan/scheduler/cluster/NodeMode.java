package io.shusuan.scheduler.cluster;

/** Whether a node takes work. */
public enum NodeMode {
    OPEN,
    /** It takes none, and what is there runs on. */
    CORDONED,
    /** It takes none, and the jobs that are there leave, to run elsewhere. */
    DRAINING
}
