package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgres.StopMode;
import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts, adopts and stops the postmaster. pg_ctl gives it a session of its own and knows when it is ready. */
final class Server {
    private static final Logger log = LoggerFactory.getLogger(Server.class);
    private static final Duration START_DEADLINE = Duration.ofMinutes(5);
    private static final Duration FAST_DEADLINE = Duration.ofSeconds(30);
    private static final Duration IMMEDIATE_DEADLINE = Duration.ofSeconds(15);
    private static final Duration LEFTOVERS_DEADLINE = Duration.ofSeconds(20);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(200);

    private final PostgresSettings settings;
    private final PostgresHome home;
    private final Binaries binaries;
    private final Launcher launcher;
    private final DataFolder data;

    Server(PostgresSettings settings, PostgresHome home, Binaries binaries, Launcher launcher, DataFolder data) {
        this.settings = settings;
        this.home = home;
        this.binaries = binaries;
        this.launcher = launcher;
        this.data = data;
    }

    /**
     * Looks and acts until a server runs: what one look finds may have changed before the act, for example when a
     * killed platform's pg_ctl is still starting a server. Returns whether the server was running already.
     */
    boolean bringUp() {
        var leftoversDeadline = System.nanoTime() + LEFTOVERS_DEADLINE.toNanos();
        try {
            for (; ; ) {
                if (Postmaster.observe(home) instanceof Postmaster.Alive alive && isAsWanted(alive)) {
                    log.info("Adopting the running PostgreSQL: process {}, port {}", pid(alive), settings.port());
                    return true;
                }
                makeWay();
                var start = start();
                if (start.succeeded()) {
                    return false;
                }
                if (!isPassing(start.output()) || System.nanoTime() > leftoversDeadline) {
                    throw failed(start.output());
                }
                LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            }
        } catch (IOException e) {
            throw Failures.of(e, "PostgreSQL cannot be started in " + home.data(), Reason.HOME_UNUSABLE);
        }
    }

    private boolean isAsWanted(Postmaster.Alive alive) throws IOException {
        return alive.runs(binaries)
                && Files.exists(home.config())
                && Files.readString(home.config()).equals(ServerConfig.text(settings, home));
    }

    private void makeWay() throws IOException {
        switch (Postmaster.observe(home)) {
            case Postmaster.Absent() -> {}
            case Postmaster.Stale(var why, var misleading) -> {
                log.warn("PostgreSQL was not stopped in order ({}): it recovers", why);
                if (misleading) {
                    // Safe: what is left of the old server still holds its shared memory, which a new one checks.
                    Files.deleteIfExists(home.postmasterPid());
                }
            }
            case Postmaster.Alive alive -> {
                log.info("Restarting PostgreSQL (process {}): its version or settings changed", pid(alive));
                stop(StopMode.FAST);
            }
        }
    }

    private Launcher.Outcome start() throws IOException {
        if (!PortHolder.isFree(settings.port())) {
            throw PortHolder.taken(settings.port());
        }
        data.write(ServerConfig.text(settings, home));
        Files.deleteIfExists(home.startLog());
        var start = launcher.run(
                START_DEADLINE.plusSeconds(10),
                binaries.program("pg_ctl"),
                "start",
                "--pgdata=" + home.data(),
                "--log=" + home.startLog(),
                "--wait",
                "--silent",
                "--timeout=" + START_DEADLINE.toSeconds());
        if (start.succeeded()) {
            log.info("Started PostgreSQL: process {}, port {}, data in {}", pid(), settings.port(), home.data());
            return start;
        }
        return new Launcher.Outcome(start.exitCode(), start.output() + startLog());
    }

    private String startLog() throws IOException {
        return Files.exists(home.startLog()) ? Files.readString(home.startLog()) : "";
    }

    /** Processes of a killed server that are about to end, or a server that is being started by somebody else's pg_ctl. */
    private static boolean isPassing(String output) {
        return output.contains("pre-existing shared memory block")
                || output.contains("\"postmaster.pid\" already exists");
    }

    private EmbeddedPostgresException failed(String output) {
        if (output.contains("could not bind")) {
            return PortHolder.taken(settings.port());
        }
        return Failures.of(
                output,
                "PostgreSQL did not start on " + home.data(),
                Reason.START_FAILED,
                "Mend what it names; its log is in " + home.log() + ".");
    }

    void stop(StopMode mode) {
        switch (mode) {
            case FAST -> {
                if (!stop("fast", FAST_DEADLINE)) {
                    log.warn("PostgreSQL did not stop in {} s: stopping it at once", FAST_DEADLINE.toSeconds());
                    stop(StopMode.IMMEDIATE);
                }
            }
            case IMMEDIATE -> {
                if (!stop("immediate", IMMEDIATE_DEADLINE)) {
                    throw new EmbeddedPostgresException(
                            Reason.STOP_FAILED,
                            "PostgreSQL (process " + pid() + ") does not stop.",
                            "Look for a hanging disk, then end the process by hand; its log is in " + home.log() + ".");
                }
            }
        }
    }

    /** Returns whether no server is left. */
    private boolean stop(String mode, Duration deadline) {
        try {
            if (!(Postmaster.observe(home) instanceof Postmaster.Alive)) {
                return true;
            }
            var stop = launcher.run(
                    deadline.plusSeconds(5),
                    binaries.program("pg_ctl"),
                    "stop",
                    "--pgdata=" + home.data(),
                    "--mode=" + mode.toLowerCase(Locale.ROOT),
                    "--wait",
                    "--silent",
                    "--timeout=" + deadline.toSeconds());
            return stop.succeeded() || !(Postmaster.observe(home) instanceof Postmaster.Alive);
        } catch (IOException e) {
            throw Failures.of(e, "The state of PostgreSQL in " + home.data() + " cannot be read", Reason.STOP_FAILED);
        }
    }

    /** Completes when no server runs any more. */
    CompletableFuture<?> onExit() {
        try {
            return Postmaster.observe(home) instanceof Postmaster.Alive alive
                    ? alive.process().onExit()
                    : CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The postmaster's process, or -1 where none runs. */
    long pid() {
        try {
            return Postmaster.observe(home) instanceof Postmaster.Alive alive ? pid(alive) : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    private static long pid(Postmaster.Alive alive) {
        return alive.process().pid();
    }
}
