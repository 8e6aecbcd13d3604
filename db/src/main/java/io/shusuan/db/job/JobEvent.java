package io.shusuan.db.job;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One thing that happened to a job. */
@Entity
@Table(name = "job_events")
public class JobEvent {

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY) // one by one, since events are read in the order of their ids
    private @Nullable Long id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "job_id")
    private Job job;

    private Instant at;

    @Enumerated(EnumType.STRING)
    private Type type;

    private String reason;
    private String message;

    protected JobEvent() {}

    JobEvent(Job job, Instant at, Type type, String reason, String message) {
        this.job = job;
        this.at = at;
        this.type = type;
        this.reason = reason;
        this.message = message;
    }

    /** Whether somebody should worry. */
    public enum Type {
        NORMAL,
        WARNING
    }

    public JobId job() {
        return job.id();
    }

    public long id() {
        return id == null ? 0 : id;
    }

    public Instant at() {
        return at;
    }

    public Type type() {
        return type;
    }

    public String reason() {
        return reason;
    }

    public String message() {
        return message;
    }
}
