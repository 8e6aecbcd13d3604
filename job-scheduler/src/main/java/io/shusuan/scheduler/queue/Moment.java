package io.shusuan.scheduler.queue;

import java.time.Duration;

/** A point in time, in milliseconds since 1970, as whoever made the snapshot saw it. */
public record Moment(long millis) implements Comparable<Moment> {

    public Moment plus(Duration duration) {
        return new Moment(millis + duration.toMillis());
    }

    public Duration since(Moment earlier) {
        return Duration.ofMillis(millis - earlier.millis);
    }

    @Override
    public int compareTo(Moment other) {
        return Long.compare(millis, other.millis);
    }
}
