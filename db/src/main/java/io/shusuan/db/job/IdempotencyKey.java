package io.shusuan.db.job;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** Remembers which job a keyed request made, so that its repetition makes no second one. */
@Entity
@Table(name = "idempotency_keys")
@SuppressWarnings("UnusedVariable") // createdAt is read by queries only
public class IdempotencyKey {

    @EmbeddedId
    private Id id;

    private String digest;
    private UUID jobId;
    private Instant createdAt;

    protected IdempotencyKey() {}

    public IdempotencyKey(String owner, String key, String digest, JobId job, Instant now) {
        this.id = new Id(owner, key);
        this.digest = digest;
        this.jobId = job.value();
        this.createdAt = now;
    }

    /** As its owner chose it. */
    public String key() {
        return id.key();
    }

    /** The digest of the request's body: the same key with another body is a mistake of the caller. */
    public String digest() {
        return digest;
    }

    public JobId job() {
        return new JobId(jobId);
    }

    /** Keys are each user's own. */
    @Embeddable
    public record Id(String owner, String key) {}
}
