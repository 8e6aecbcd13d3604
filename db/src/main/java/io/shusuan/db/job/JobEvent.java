package io.shusuan.db.job;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.Immutable;

/** One thing that happened to a job. Events are read in the order of their ids. */
@Entity
@Table(name = "job_events")
@Immutable
public class JobEvent {

    @Id
    private Long id;

    @ManyToOne(fetch = FetchType.LAZY, optional = false)
    @JoinColumn(name = "job_id")
    private Job job;

    private Instant at;

    @Enumerated(EnumType.STRING)
    private Type type;

    private String reason;
    private String message;

    protected JobEvent() {}

    /** Whether somebody should worry. */
    public enum Type {
        NORMAL,
        WARNING
    }

    public JobId job() {
        return job.id();
    }

    public long id() {
        return id;
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
