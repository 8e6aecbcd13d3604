package io.shusuan.db.postgres;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What the embedded PostgreSQL needs to be told.
 *
 * @param home the platform's home; the database lives in {@code home/postgres}
 * @param port the TCP port on 127.0.0.1
 */
public record PostgresSettings(Path home, int port, Durability durability) {
    /** Whether a commit that was answered survives a power cut. */
    public enum Durability {
        FULL,
        /** Much faster and unsafe: only for databases that tests throw away. */
        NONE_FOR_TESTS
    }

    public PostgresSettings {
        Objects.requireNonNull(durability);
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException(
                    "SHUSUAN_POSTGRES_PORT is " + port + ": a TCP port is between 1 and 65535");
        }
        home = home.toAbsolutePath().normalize();
        // pg_ctl hands the path to a shell inside double quotes, where these four keep their meaning.
        if (home.toString().chars().anyMatch(c -> c == '"' || c == '$' || c == '`' || c == '\\' || c < ' ')) {
            throw new IllegalArgumentException("SHUSUAN_HOME is " + home
                    + ": PostgreSQL cannot live in a folder whose name contains \" $ ` \\ or a control character");
        }
    }

    public PostgresSettings(Path home, int port) {
        this(home, port, Durability.FULL);
    }
}
