package io.shusuan.db.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's own log. PostgreSQL rotates by size but never deletes, so the oldest files are deleted here. */
final class ServerLog {
    private static final Logger log = LoggerFactory.getLogger(ServerLog.class);

    static final String PREFIX = "postgresql-";
    static final int FILE_KB = 8 * 1024;
    private static final int FILES_KEPT = 8;

    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(10);

    private ServerLog() {}

    /** Deletes what is too old, now and from time to time until the thread is interrupted. */
    static Thread keepBounded(PostgresHome home) {
        return Thread.ofVirtual().name("postgres-log-care").start(() -> {
            try {
                while (true) {
                    prune(home.log());
                    Thread.sleep(BETWEEN_LOOKS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Names carry the time of their beginning, so the order of names is the order of age. */
    static void prune(Path folder) {
        try (var files = Files.list(folder)) {
            var oldest = files.filter(file -> file.getFileName().toString().startsWith(PREFIX))
                    .sorted(Comparator.comparing(Path::getFileName).reversed())
                    .skip(FILES_KEPT)
                    .toList();
            for (var file : oldest) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            log.warn("Old server logs in {} could not be deleted: {}", folder, e.toString());
        }
    }
}
