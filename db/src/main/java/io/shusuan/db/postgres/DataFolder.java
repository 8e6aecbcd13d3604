package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the data folder, whole or not at all: initdb works in a folder of another name, which becomes {@code data} by
 * one rename. The other name is new each time, because the initdb of a killed platform may still be writing.
 */
final class DataFolder {
    private static final Logger log = LoggerFactory.getLogger(DataFolder.class);
    private static final String HALF_MADE = "data.new-";
    private static final Duration INITDB_DEADLINE = Duration.ofMinutes(5);
    private static final long BYTES_TO_BEGIN_WITH = 500_000_000;
    private static final Pattern MAJOR = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

    private final PostgresHome home;
    private final Binaries binaries;
    private final Unprivileged unprivileged;

    DataFolder(PostgresHome home, Binaries binaries, Unprivileged unprivileged) {
        this.home = home;
        this.binaries = binaries;
        this.unprivileged = unprivileged;
    }

    /** Makes the folder, or checks that the one that is there fits. Returns whether it was made now. */
    boolean ready() {
        try {
            if (Files.notExists(home.data())) {
                create();
                return true;
            }
            checkVersion();
            return false;
        } catch (IOException e) {
            throw Failures.of(e, "The database folder " + home.data() + " cannot be used", Reason.HOME_UNUSABLE);
        }
    }

    private void create() throws IOException {
        checkSpace();
        var half = home.root().resolve(HALF_MADE + UUID.randomUUID());
        home.discard(HALF_MADE, half);
        log.info("Making the database in {}", home.data());
        var initdb = unprivileged
                .launcher()
                .run(
                        INITDB_DEADLINE,
                        binaries.program("initdb"),
                        "--pgdata=" + half,
                        "--username=" + EmbeddedPostgres.USER,
                        "--pwfile=" + home.password(),
                        "--auth=scram-sha-256",
                        "--data-checksums",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--locale-provider=builtin",
                        "--builtin-locale=C.UTF-8",
                        "--no-instructions");
        if (!initdb.succeeded()) {
            PostgresHome.deleteTree(half);
            throw Failures.of(
                    initdb.output(),
                    "initdb could not make the database in " + home.data(),
                    Reason.INITDB_FAILED,
                    "Mend what it names and start the platform again: nothing half-made is left behind.");
        }
        Files.move(half, home.data(), StandardCopyOption.ATOMIC_MOVE);
        try (var folder = FileChannel.open(home.root(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private void checkSpace() throws IOException {
        var free = Files.getFileStore(home.root()).getUsableSpace();
        if (free < BYTES_TO_BEGIN_WITH) {
            throw new EmbeddedPostgresException(
                    Reason.DISK_FULL,
                    "The disk under " + home.root() + " has " + free / 1_000_000 + " MB free; a new database needs "
                            + BYTES_TO_BEGIN_WITH / 1_000_000 + " MB.",
                    "Free some space, or set SHUSUAN_HOME to a folder on another disk.");
        }
    }

    private void checkVersion() throws IOException {
        var file = home.data().resolve("PG_VERSION");
        if (Files.notExists(file)) {
            throw new EmbeddedPostgresException(
                    Reason.DATA_FOREIGN,
                    home.data() + " exists and is not a PostgreSQL database (it has no PG_VERSION).",
                    "Move that folder away; the platform then makes a new database.");
        }
        var stored = Files.readString(file).strip();
        var ours = majorVersion();
        if (!stored.equals(ours)) {
            throw new EmbeddedPostgresException(
                    Reason.DATA_OF_OTHER_VERSION,
                    "The database in " + home.data() + " was made by PostgreSQL " + stored
                            + ", this platform brings PostgreSQL " + ours + ".",
                    "Start the platform's version that made it and dump it with pg_dumpall, move the folder away,"
                            + " start this version and load the dump; or keep running that version.");
        }
    }

    private String majorVersion() {
        var version = new Launcher(List.of()).run(Duration.ofSeconds(30), binaries.program("postgres"), "--version");
        var major = MAJOR.matcher(version.output());
        if (!major.find()) {
            throw Failures.of(
                    version.output(),
                    binaries.program("postgres") + " does not run on this machine",
                    Reason.NO_BINARIES,
                    "It needs Linux with glibc, or macOS. Elsewhere set spring.datasource.url to a PostgreSQL of your"
                            + " own.");
        }
        return major.group(1);
    }

    /** The settings are the platform's, not the administrator's, so they are written at every start. */
    void write(String config) throws IOException {
        var half = Path.of(home.config() + ".new");
        Files.writeString(half, config);
        unprivileged.own(half);
        Files.move(half, home.config(), StandardCopyOption.ATOMIC_MOVE);
    }
}
