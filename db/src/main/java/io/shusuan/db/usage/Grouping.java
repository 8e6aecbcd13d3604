package io.shusuan.db.usage;

/** By what accounts are summed. */
public enum Grouping {
    QUEUE("queue", "queue", "preemptor_queue"),
    USER("owner", "owner", "preemptor_owner"),
    JOB("job_id::text", "job_id::text", "preemptor::text"),
    /** Evictions have none: a run may have held several. */
    FLAVOUR("flavour", "null::text", "null::text"),
    DAY("day", "day", "day");

    // Columns of what is held, of who lost work, and of who has to answer for that.
    final String key;
    final String loser;
    final String preemptor;

    Grouping(String key, String loser, String preemptor) {
        this.key = key;
        this.loser = loser;
        this.preemptor = preemptor;
    }

    /** What a key is called where it is the id of a job; every other key is its own name. */
    String named(String column) {
        return this == JOB ? column : "null::text";
    }
}
