package io.shusuan.db.postgres;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running PostgreSQL of the platform's own, and the exclusive right to its home.
 *
 * <p>The server belongs to the home, not to this process: it is a daemon that outlives a crash, and {@link #open}
 * adopts it when it finds it running. {@link #close()} ends it in order; {@link #release()} leaves it running. One that
 * ends by itself, for example killed for want of memory, is started again, and recovers.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration BETWEEN_REVIVALS = Duration.ofSeconds(5);

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
    private final ReentrantLock ending = new ReentrantLock();
    private final Thread logCare;

    @GuardedBy("ending")
    private boolean ended;

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
        keepRunning();
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

    private void end(Runnable last) {
        ending.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            logCare.interrupt();
            try {
                last.run();
            } finally {
                letGo(lock);
            }
        } finally {
            ending.unlock();
        }
    }

    private void keepRunning() {
        var _ = server.onExit().whenCompleteAsync((gone, unknown) -> revive());
    }

    private void revive() {
        ending.lock();
        try {
            if (ended) {
                return;
            }
            log.warn("PostgreSQL has ended though nobody here stopped it; starting it again");
            server.bringUp();
            keepRunning();
        } catch (EmbeddedPostgresException e) {
            log.error(
                    "PostgreSQL cannot be started again, trying in {} s: {}",
                    BETWEEN_REVIVALS.toSeconds(),
                    e.getMessage());
            CompletableFuture.delayedExecutor(BETWEEN_REVIVALS.toMillis(), MILLISECONDS)
                    .execute(this::revive);
        } finally {
            ending.unlock();
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
