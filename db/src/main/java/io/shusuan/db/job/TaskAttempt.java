package io.shusuan.db.job;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** One try to run a task, as the cluster last reported it. Written by {@link ObservedTasks} only. */
@Entity
@Table(name = "attempts")
public class TaskAttempt {

    @EmbeddedId
    private Key key;

    private String role;
    private int taskIndex;
    private int run;
    private int number;
    private String state;
    private @Nullable String node;

    @JdbcTypeCode(SqlTypes.JSON)
    private List<String> endpoints;

    private @Nullable Integer exitCode;
    private @Nullable String reason;
    private @Nullable String message;
    private @Nullable Instant startedAt;
    private @Nullable Instant finishedAt;

    protected TaskAttempt() {}

    /** What a cluster tells of an attempt that may change. */
    public record Report(
            String state,
            @Nullable String node,
            List<String> endpoints,
            @Nullable Integer exitCode,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {}

    public String uid() {
        return key.uid();
    }

    public String role() {
        return role;
    }

    public int index() {
        return taskIndex;
    }

    /** Of which run of the job it is. */
    public int run() {
        return run;
    }

    public int number() {
        return number;
    }

    public Report report() {
        return new Report(state, node, endpoints, exitCode, reason, message, startedAt, finishedAt);
    }

    @Embeddable
    record Key(UUID jobId, String uid) {}
}
