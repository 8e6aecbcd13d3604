package io.shusuan.db.identity;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A bearer token. The token itself is shown once, when it is made; here is its SHA-256. */
@Entity
@Table(name = "api_tokens")
public class ApiToken {

    @Id
    private UUID id;

    private String userName;
    private String label;

    @SuppressWarnings("UnusedVariable") // read by queries only
    private byte[] sha256;

    private Instant createdAt;
    private @Nullable Instant expiresAt;

    protected ApiToken() {}

    public ApiToken(UUID id, String userName, String label, byte[] sha256, Instant now, @Nullable Instant expiresAt) {
        this.id = id;
        this.userName = userName;
        this.label = label;
        this.sha256 = sha256.clone();
        this.createdAt = now;
        this.expiresAt = expiresAt;
    }

    public boolean expired(Instant now) {
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    public UUID id() {
        return id;
    }

    public String userName() {
        return userName;
    }

    public String label() {
        return label;
    }

    public Instant createdAt() {
        return createdAt;
    }

    public @Nullable Instant expiresAt() {
        return expiresAt;
    }
}
