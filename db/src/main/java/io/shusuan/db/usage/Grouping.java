package io.shusuan.db.usage;

/** By what accounts are summed. */
public enum Grouping {
    QUEUE("queue", "null::text", "queue", "preemptor_queue"),
    USER("owner", "null::text", "owner", "preemptor_owner"),
    JOB("job_id::text", "job_name", "job_id::text", "preemptor::text"),
    /** Evictions have none: a run may have held several. */
    FLAVOUR("flavour", "null::text", "null::text", "null::text"),
    DAY("day", "null::text", "day", "day");

    // Columns of what is held, of who lost work, and of who has to answer for that.
    final String key;
    final String name;
    final String loser;
    final String preemptor;

    Grouping(String key, String name, String loser, String preemptor) {
        this.key = key;
        this.name = name;
        this.loser = loser;
        this.preemptor = preemptor;
    }
}
