package io.shusuan.db.identity;

/** What a user may do: administrators see and change everything, users their own jobs. */
public enum Role {
    ADMIN,
    USER
}
