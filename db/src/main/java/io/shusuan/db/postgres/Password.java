package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;

/** The database user's password: 32 random bytes in a file that only its owner reads. */
record Password(String text) {
    private static final int RANDOM_BYTES = 32;

    static Password of(PostgresHome home) {
        try {
            return read(home.password());
        } catch (NoSuchFileException e) {
            return missing(home);
        } catch (IOException e) {
            throw Failures.of(e, "The password file " + home.password() + " cannot be read", Reason.HOME_UNUSABLE);
        }
    }

    private static Password read(Path file) throws IOException {
        var text = Files.readString(file).strip();
        if (text.isEmpty()) {
            throw new NoSuchFileException(file.toString());
        }
        return new Password(text);
    }

    private static Password missing(PostgresHome home) {
        if (Files.exists(home.data())) {
            throw new EmbeddedPostgresException(
                    Reason.PASSWORD_MISSING,
                    "The database in " + home.data() + " exists, but its password file " + home.password()
                            + " is missing or empty.",
                    """
                    Put the file back from a backup. If it is lost, stop the platform and the server, write a new \
                    password into the file (mode 0600), and set it in the database, as the user who owns the data:
                        echo "ALTER ROLE %s PASSWORD 'NEW'" | %s/bin-*/bin/postgres --single -D %s postgres""".formatted(EmbeddedPostgres.USER, home.root(), home.data()));
        }
        try {
            return create(home.password());
        } catch (IOException e) {
            throw Failures.of(e, "The password file " + home.password() + " cannot be written", Reason.HOME_UNUSABLE);
        }
    }

    /** Readable by nobody else from its first moment, and whole when it appears under its name. */
    private static Password create(Path file) throws IOException {
        var random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        var text = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        var half = file.resolveSibling("password.new");
        Files.deleteIfExists(half);
        Files.createFile(half, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(half, text + "\n");
        Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
        return new Password(text);
    }

    @Override
    public String toString() {
        return "Password[hidden]";
    }
}
