package io.shusuan.db.postgres;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running PostgreSQL of the platform's own, and the exclusive right to its home.
 *
 * <p>The server belongs to the home, not to this process: it is a daemon that outlives a crash, and {@link #open}
 * adopts it when it finds it running. {@link #close()} ends it in order; {@link #release()} leaves it running.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);

    static final String USER = "shusuan";
    static final String DATABASE = "shusuan";

    /** How the server came to run. */
    public enum Origin {
        /** Its database was made now. */
        CREATED,
        /** It was started on data that was there. */
        STARTED,
        /** It was still running. */
        ADOPTED
    }

    /** How the server ends: FAST rolls open transactions back and writes a checkpoint, IMMEDIATE recovers at the next start. */
    public enum StopMode {
        FAST,
        IMMEDIATE
    }

    private final PostgresSettings settings;
    private final HomeLock lock;
    private final Server server;
    private final Password password;
    private final Origin origin;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final Thread logCare;

    private EmbeddedPostgres(
            PostgresSettings settings,
            PostgresHome home,
            HomeLock lock,
            Server server,
            Password password,
            Origin origin) {
        this.settings = settings;
        this.lock = lock;
        this.server = server;
        this.password = password;
        this.origin = origin;
        this.logCare = ServerLog.keepBounded(home);
    }

    /**
     * Adopts or starts the server of {@code settings.home()}, and makes its database first where there is none.
     *
     * @throws EmbeddedPostgresException with the reason and what mends it
     */
    public static EmbeddedPostgres open(PostgresSettings settings) {
        var home = PostgresHome.under(settings.home());
        var lock = HomeLock.take(home);
        try {
            var password = Password.of(home);
            var unprivileged = Unprivileged.in(home);
            var binaries = Binaries.unpackedIn(home);
            var data = new DataFolder(home, binaries, unprivileged);
            var made = data.ready();
            var server = new Server(settings, home, binaries, unprivileged.launcher(), data);
            var adopted = server.bringUp();
            check(new Probe(settings.port(), password), server, adopted);
            binaries.deleteOthersIn(home);
            var origin = adopted ? Origin.ADOPTED : made ? Origin.CREATED : Origin.STARTED;
            return new EmbeddedPostgres(settings, home, lock, server, password, origin);
        } catch (RuntimeException | Error e) {
            letGo(lock);
            throw e;
        }
    }

    /** A server that we have started and cannot use is not left running without an owner. */
    private static void check(Probe probe, Server server, boolean adopted) {
        try {
            probe.ready(DATABASE);
        } catch (EmbeddedPostgresException e) {
            if (!adopted) {
                server.stop(StopMode.FAST);
            }
            throw e;
        }
    }

    public String jdbcUrl() {
        return jdbcUrl(DATABASE);
    }

    public String jdbcUrl(String database) {
        return Probe.url(settings.port(), database);
    }

    public String user() {
        return USER;
    }

    public String password() {
        return password.text();
    }

    public Origin origin() {
        return origin;
    }

    /** The postmaster's process. */
    public long pid() {
        return server.pid();
    }

    /** Stops the server in order; the next {@link #open} starts it again. */
    @Override
    public void close() {
        stop(StopMode.FAST);
    }

    /** Stops the server and gives the home up. Doing so twice is once. */
    public void stop(StopMode mode) {
        end(() -> server.stop(mode));
    }

    /** Gives the home up and leaves the server running, for the next process to adopt. */
    public void release() {
        end(() -> {});
    }

    private void end(Runnable ending) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        logCare.interrupt();
        try {
            ending.run();
        } finally {
            letGo(lock);
        }
    }

    private static void letGo(HomeLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            log.warn("The lock of the database could not be closed; it ends with this process", e);
        }
    }
}
