package io.shusuan.db.job;

import java.util.UUID;
import org.hibernate.id.uuid.UuidVersion7Strategy;

/** The id of a job: a UUID of version 7, so that ids sort by the time of submission. */
public record JobId(UUID value) implements Comparable<JobId> {

    public static JobId next() {
        return new JobId(UuidVersion7Strategy.INSTANCE.generateUuid(null));
    }

    /** Reads an id as the API writes it. Throws IllegalArgumentException for anything that is no UUID. */
    public static JobId parse(String text) {
        return new JobId(UUID.fromString(text));
    }

    @Override
    public int compareTo(JobId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
