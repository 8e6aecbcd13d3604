package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where things lie under {@code home/postgres}. The root is a real path: what the kernel reports compares equal. */
record PostgresHome(Path root) {
    private static final Logger log = LoggerFactory.getLogger(PostgresHome.class);

    static PostgresHome under(Path home) {
        var root = home.resolve("postgres");
        try {
            Files.createDirectories(home);
            if (Files.notExists(root)) {
                Files.createDirectory(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            var real = new PostgresHome(root.toRealPath());
            Files.createDirectories(real.log());
            return real;
        } catch (IOException e) {
            throw Failures.of(e, "The folder " + root + " cannot be made", Reason.HOME_UNUSABLE);
        }
    }

    Path data() {
        return root.resolve("data");
    }

    Path config() {
        return data().resolve("postgresql.conf");
    }

    Path postmasterPid() {
        return data().resolve("postmaster.pid");
    }

    Path localConfig() {
        return root.resolve("local.conf");
    }

    Path password() {
        return root.resolve("password");
    }

    Path log() {
        return root.resolve("log");
    }

    /** What the server says before its log collector runs. */
    Path startLog() {
        return log().resolve("start.log");
    }

    Path lock() {
        return root.resolve("lock");
    }

    Path lockOwner() {
        return root.resolve("lock.owner");
    }

    List<Path> entries(String prefix) throws IOException {
        try (var entries = Files.list(root)) {
            return entries.filter(entry -> entry.getFileName().toString().startsWith(prefix))
                    .toList();
        }
    }

    /**
     * Deletes what is left over, as far as that goes: the initdb of a killed platform may be writing into it still.
     * What stays is for the next start.
     */
    void discard(String prefix, Path except) {
        try {
            for (var leftover : entries(prefix)) {
                if (!leftover.equals(except)) {
                    log.info("Discarding {}", leftover);
                    deleteTree(leftover);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            log.warn("What is left over in {} could not all be deleted: {}", root, e.toString());
        }
    }

    static void deleteTree(Path tree) throws IOException {
        try (var paths = Files.walk(tree)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
