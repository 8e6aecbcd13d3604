package io.shusuan.scheduler.queue.quota;

/** The name of a group of queues that lend to each other. */
public record CohortName(String value) {

    public CohortName {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a cohort needs a name");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
