package io.shusuan.db.job;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;

/** What disturbs a job without changing what is wanted of it. */
@Embeddable
public record Condition(
        @Column(name = "condition_reason") String reason,
        @Column(name = "condition_message") String message,
        @Column(name = "condition_since") Instant since) {}
