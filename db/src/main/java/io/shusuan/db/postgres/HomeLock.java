package io.shusuan.db.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One process at a time has a home. The operating system holds the lock and drops it with the process, however that
 * ends, so a dead holder never blocks.
 *
 * <p>The holder's name lies in a file of its own: closing any second channel to the locked file would release the
 * lock, which also is why homes held by this very process are remembered here and never opened twice.
 */
final class HomeLock implements AutoCloseable {
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private HomeLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static HomeLock take(PostgresHome home) {
        var file = home.lock();
        if (!HELD_HERE.add(file)) {
            throw inUse(home, "this very process");
        }
        try {
            var lock = takeFromOthers(home, file);
            if (lock == null) {
                throw inUse(home, holder(home));
            }
            return lock;
        } catch (IOException e) {
            HELD_HERE.remove(file);
            throw Failures.of(e, "The file " + file + " cannot be written", Reason.HOME_UNUSABLE);
        } catch (RuntimeException e) {
            HELD_HERE.remove(file);
            throw e;
        }
    }

    private static @Nullable HomeLock takeFromOthers(PostgresHome home, Path file) throws IOException {
        var channel = FileChannel.open(file, CREATE, WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            return null;
        }
        var self = ProcessHandle.current();
        Files.writeString(
                home.lockOwner(),
                "process %d (%s), since %s"
                        .formatted(self.pid(), self.info().command().orElse("java"), Instant.now()));
        return new HomeLock(file, channel);
    }

    private static String holder(PostgresHome home) {
        try {
            return Files.readString(home.lockOwner(), UTF_8).strip();
        } catch (IOException e) {
            return "another process";
        }
    }

    private static EmbeddedPostgresException inUse(PostgresHome home, String holder) {
        return new EmbeddedPostgresException(
                Reason.HOME_IN_USE,
                "The database in " + home.root() + " is in use by " + holder + ".",
                "Stop that platform first, or give this one its own SHUSUAN_HOME, SHUSUAN_PORT and"
                        + " SHUSUAN_POSTGRES_PORT.");
    }

    @Override
    public void close() throws IOException {
        channel.close();
        HELD_HERE.remove(file);
    }
}
