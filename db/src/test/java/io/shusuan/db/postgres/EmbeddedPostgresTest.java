package io.shusuan.db.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shusuan.db.postgres.EmbeddedPostgres.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server itself, in every way that a machine treats one. */
class EmbeddedPostgresTest {
    private Path home;
    private PostgresSettings settings;

    @BeforeEach
    void chooseHomeAndPort() throws IOException {
        home = UnpackedBinaries.newHome();
        settings = new PostgresSettings(home, TestServer.freePort());
    }

    /** Also what a failed test has left running: its home is about to be deleted. */
    @AfterEach
    void stopWhatRuns() throws IOException {
        if (Files.exists(postgres("data/postmaster.pid"))
                && Postmaster.observe(PostgresHome.under(home)) instanceof Postmaster.Alive alive) {
            alive.process().destroyForcibly();
            await().atMost(Duration.ofSeconds(30)).until(() -> !alive.process().isAlive());
        }
        UnpackedBinaries.delete(home);
    }

    @Test
    void keepsItsDataFromOneStartToTheNext() throws SQLException {
        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(postgres.origin()).isEqualTo(Origin.CREATED);
            execute(postgres, "CREATE TABLE note AS SELECT '数算岛'::text AS words");
        }
        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(postgres.origin()).isEqualTo(Origin.STARTED);
            assertThat(query(postgres, "SELECT words FROM note")).isEqualTo("数算岛");
        }
        assertThat(PortHolder.isFree(settings.port()))
                .as("the server is stopped")
                .isTrue();
    }

    @Test
    void isDurableAndLocalAndAsksForThePassword() throws SQLException, IOException {
        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(query(postgres, "SHOW server_version")).startsWith("18.");
            assertThat(query(postgres, "SHOW fsync")).isEqualTo("on");
            assertThat(query(postgres, "SHOW synchronous_commit")).isEqualTo("on");
            assertThat(query(postgres, "SHOW full_page_writes")).isEqualTo("on");
            assertThat(query(postgres, "SHOW data_checksums")).isEqualTo("on");
            assertThat(query(postgres, "SHOW server_encoding")).isEqualTo("UTF8");
            assertThat(query(postgres, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(query(postgres, "SHOW unix_socket_directories")).isEmpty();
            assertThat(query(postgres, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"))
                    .isEqualTo("scram-sha-256");
            assertThat(query(postgres, "SELECT rolpassword FROM pg_authid WHERE rolname = current_user"))
                    .startsWith("SCRAM-SHA-256$");
            for (var wrong : new String[] {"", "shusuan", postgres.password() + "x"}) {
                assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), wrong))
                        .as("password '%s'", wrong)
                        .isInstanceOf(SQLException.class);
            }
            assertThat(postgres.password()).hasSizeGreaterThanOrEqualTo(43);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(postgres("password"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(postgres(""))))
                .isEqualTo("rwx------");
    }

    @Test
    void outlivesAKilledPlatformAndIsAdoptedByTheNext() throws Exception {
        long pid;
        try (var platform = Platform.running(settings)) {
            pid = pidInFile();
            platform.kill();
        }
        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(postgres.origin()).isEqualTo(Origin.ADOPTED);
            assertThat(postgres.pid()).isEqualTo(pid);
            execute(postgres, "CREATE TABLE survived ()");
        }
        await().untilAsserted(() -> assertThat(ProcessHandle.of(pid)).isEmpty());
    }

    @Test
    void leavesTheTerminalsProcessGroup() throws Exception {
        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
            assertThat(Path.of("/proc", Long.toString(postgres.pid()), "stat"))
                    .content()
                    .as("its session, the fourth field after the name, is its own")
                    .matches("(?s)\\d+ \\(postgres\\) \\S+ \\d+ %1$d %1$d .*".formatted(postgres.pid()));
        }
    }

    @Test
    void startsThePostmasterAgainWhenItIsKilledAndRecoversWhatWasCommitted() throws Exception {
        try (var postgres = EmbeddedPostgres.open(settings)) {
            execute(postgres, "CREATE TABLE note AS SELECT generate_series(1, 1000) AS n");
            for (var time = 0; time < 2; time++) {
                var postmaster = ProcessHandle.of(postgres.pid()).orElseThrow();
                postmaster.destroyForcibly();
                await().until(() -> !postmaster.isAlive());
                await().atMost(Duration.ofMinutes(1))
                        .ignoreExceptionsInstanceOf(SQLException.class)
                        .untilAsserted(() -> assertThat(query(postgres, "SELECT count(*) FROM note"))
                                .isEqualTo("1000"));
                assertThat(postgres.pid()).isPositive().isNotEqualTo(postmaster.pid());
            }
        }
        assertThat(postgres("data/postmaster.pid")).doesNotExist();
        assertThat(PortHolder.isFree(settings.port())).isTrue();
    }

    @Test
    void recoversAtTheNextStartWhatWasCommittedWhenThePostmasterIsKilledWithoutAPlatform() throws Exception {
        var left = EmbeddedPostgres.open(settings);
        execute(left, "CREATE TABLE note AS SELECT generate_series(1, 1000) AS n");
        left.release();
        var postmaster = ProcessHandle.of(left.pid()).orElseThrow();
        postmaster.destroyForcibly();
        await().until(() -> !postmaster.isAlive());

        try (var recovered = EmbeddedPostgres.open(settings)) {
            assertThat(recovered.origin()).isEqualTo(Origin.STARTED);
            assertThat(query(recovered, "SELECT count(*) FROM note")).isEqualTo("1000");
        }
    }

    @Test
    void isNotFooledByAPidFileThatNamesAnotherProcess() throws Exception {
        EmbeddedPostgres.open(settings).close();
        var self = ProcessHandle.current().pid();
        Files.writeString(
                postgres("data/postmaster.pid"),
                "%d\n%s\n1700000000\n%d\n\n127.0.0.1\n".formatted(self, postgres("data"), settings.port()));

        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(postgres.origin()).isEqualTo(Origin.STARTED);
            assertThat(postgres.pid()).isNotEqualTo(self);
        }
    }

    @Test
    void makesTheDatabaseAnewWhenThePlatformWasKilledInTheMiddle() throws Exception {
        try (var platform = Platform.starting(settings)) {
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(5))
                    .until(this::initdbIsAtWork);
            platform.kill();
        }
        assertThat(postgres("data")).doesNotExist();

        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(postgres.origin()).isEqualTo(Origin.CREATED);
            assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void movesToAnotherPortWithTheServerThatStillRuns() throws Exception {
        try (var platform = Platform.running(settings)) {
            platform.kill();
        }
        var elsewhere = new PostgresSettings(home, TestServer.freePort());
        try (var postgres = EmbeddedPostgres.open(elsewhere)) {
            assertThat(postgres.origin()).isEqualTo(Origin.STARTED);
            assertThat(PortHolder.isFree(settings.port())).isTrue();
        }
    }

    @Test
    void isStoppedAtOnceOnRequestAndLeavesNothingBehind() {
        var postgres = EmbeddedPostgres.open(settings);
        postgres.stop(EmbeddedPostgres.StopMode.IMMEDIATE);
        postgres.close();
        assertThat(postgres("data/postmaster.pid")).doesNotExist();
        assertThat(PortHolder.isFree(settings.port())).isTrue();
    }

    @Test
    void takesTheAdministratorsSettingsOverItsOwn() throws Exception {
        Files.createDirectories(postgres(""));
        Files.writeString(postgres("local.conf"), "work_mem = 11MB\n");
        try (var postgres = EmbeddedPostgres.open(settings)) {
            assertThat(query(postgres, "SHOW work_mem")).isEqualTo("11MB");
        }
    }

    @Test
    void unpacksItsProgramsAnewWhenThePlatformWasKilledInTheMiddle(@TempDir Path bare) throws Exception {
        var root = bare.resolve("postgres");
        var inBareHome = new PostgresSettings(bare, settings.port());
        try (var platform = Platform.starting(inBareHome)) {
            await().atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> Files.exists(root)
                            && !new PostgresHome(root).entries("unpacking-").isEmpty());
            platform.kill();
        }
        assertThat(new PostgresHome(root).entries("bin-")).isEmpty();

        try (var postgres = EmbeddedPostgres.open(inBareHome)) {
            assertThat(query(postgres, "SELECT 1")).isEqualTo("1");
            assertThat(new PostgresHome(root).entries("unpacking-")).isEmpty();
        }
    }

    private boolean initdbIsAtWork() throws IOException {
        if (Files.notExists(postgres(""))) {
            return false;
        }
        for (var half : new PostgresHome(postgres("")).entries("data.new-")) {
            if (Files.exists(half.resolve("PG_VERSION"))) {
                return true;
            }
        }
        return false;
    }

    private Path postgres(String name) {
        return home.resolve("postgres").resolve(name);
    }

    private long pidInFile() throws IOException {
        return Long.parseLong(
                Files.readAllLines(postgres("data/postmaster.pid")).getFirst());
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
