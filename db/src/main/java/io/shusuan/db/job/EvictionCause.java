package io.shusuan.db.job;

/** Why a job had to give back what it held. */
public enum EvictionCause {
    /** A job of its queue with a higher priority needed it. */
    LOWER_PRIORITY,
    /** Its queue had borrowed it, and the owner wanted it back. */
    RECLAIM,
    /** Its queue had borrowed more than its fair share. */
    FAIR_SHARE,
    /** An administrator stopped its queue. */
    QUEUE_STOPPED,
    /** An administrator has a node emptied on which it was. */
    NODE_DRAINED,
    /** It began with fewer tasks than it asks for, and begins anew with more. */
    GROWTH,
    /** Not all of its tasks were ready in the time that its queue gives them. */
    NOT_READY,
    /** The scheduler that its queue is handed to took it back. */
    DELEGATE
}
