package io.shusuan.db.identity;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** A secret the platform signs with, made once and shared by all its replicas. */
@Entity
@Table(name = "signing_keys")
public class SigningKey {

    @Id
    private String name;

    private byte[] secret;
    private Instant createdAt;

    protected SigningKey() {}

    public SigningKey(String name, byte[] secret, Instant now) {
        this.name = name;
        this.secret = secret.clone();
        this.createdAt = now;
    }

    public byte[] secret() {
        return secret.clone();
    }

    public Instant createdAt() {
        return createdAt;
    }
}
