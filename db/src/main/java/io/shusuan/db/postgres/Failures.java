package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;

/** Turns what the file system and PostgreSQL's programs report into our reasons: the only place that reads their words. */
final class Failures {
    private static final String NO_SPACE = "No space left on device";

    private Failures() {}

    static EmbeddedPostgresException of(IOException cause, String problem, Reason otherwise) {
        var text = String.valueOf(cause.getMessage());
        if (text.contains(NO_SPACE) || text.contains("Disk quota exceeded")) {
            return new EmbeddedPostgresException(
                    Reason.DISK_FULL, problem + ": the disk is full.", freeSpaceOrMove(), cause);
        }
        var why = switch (cause) {
            case AccessDeniedException denied -> "permission denied on " + denied.getFile();
            case FileAlreadyExistsException file -> file.getFile() + " is not a folder";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case IOException other -> other.toString();
        };
        return new EmbeddedPostgresException(
                otherwise,
                problem + ": " + why + ".",
                "Make it writable for user " + System.getProperty("user.name")
                        + ", or set SHUSUAN_HOME to a folder that is.",
                cause);
    }

    /** A program of PostgreSQL that ended with an error; {@code output} is all that it said. */
    static EmbeddedPostgresException of(String output, String problem, Reason otherwise, String remedy) {
        var said = output.isBlank()
                ? "it said nothing"
                : "it said:\n" + output.strip().indent(4);
        if (output.contains(NO_SPACE)) {
            return new EmbeddedPostgresException(
                    Reason.DISK_FULL, problem + ", the disk is full: " + said, freeSpaceOrMove());
        }
        return new EmbeddedPostgresException(otherwise, problem + ", " + said, remedy);
    }

    private static String freeSpaceOrMove() {
        return "Free some space (the database needs 500 MB to begin with), or set SHUSUAN_HOME to a folder on"
                + " another disk.";
    }
}
