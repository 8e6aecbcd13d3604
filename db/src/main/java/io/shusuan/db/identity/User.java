package io.shusuan.db.identity;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Somebody who may use the platform. */
@Entity
@Table(name = "users")
public class User {

    @Id
    private String name;

    private String passwordHash;

    @Enumerated(EnumType.STRING)
    private Role role;

    private @Nullable String locale;
    private boolean enabled;
    private Instant createdAt;

    protected User() {}

    public User(String name, String passwordHash, Role role, Instant now) {
        this.name = name;
        this.passwordHash = passwordHash;
        this.role = role;
        this.enabled = true;
        this.createdAt = now;
    }

    public void changePassword(String newHash) {
        passwordHash = newHash;
    }

    public void become(Role newRole) {
        role = newRole;
    }

    public void enable(boolean on) {
        enabled = on;
    }

    /** The language of the portal for this user; null leaves it to the browser. */
    public @Nullable String locale() {
        return locale;
    }

    public void speak(String newLocale) {
        locale = newLocale;
    }

    public String name() {
        return name;
    }

    public String passwordHash() {
        return passwordHash;
    }

    public Role role() {
        return role;
    }

    public boolean enabled() {
        return enabled;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
