package io.shusuan.web.job;

import io.shusuan.db.job.JobEvent;
import java.time.Instant;

/** An event as a line. */
record EventView(long id, Instant at, boolean warning, String reason, String message) {

    static EventView of(JobEvent event) {
        return new EventView(
                event.id(), event.at(), event.type() == JobEvent.Type.WARNING, event.reason(), event.message());
    }
}
