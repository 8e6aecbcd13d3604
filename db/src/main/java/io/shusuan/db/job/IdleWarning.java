package io.shusuan.db.job;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * That all GPUs of a job do nothing for longer than its queue allows.
 *
 * @param stopsAt when it is stopped unless they work until then; null, if it is only warned
 */
@Embeddable
public record IdleWarning(
        @Column(name = "idle_since") Instant since,
        @Column(name = "idle_message") String message,
        @Column(name = "idle_stops_at") @Nullable Instant stopsAt) {}
