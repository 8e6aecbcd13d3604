package io.shusuan.db.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What keeps the server from starting is said so that it can be mended. */
class EmbeddedPostgresRefusalTest {
    private Path home;
    private PostgresSettings settings;

    @BeforeEach
    void chooseHomeAndPort() throws IOException {
        home = UnpackedBinaries.newHome();
        settings = new PostgresSettings(home, TestServer.freePort());
    }

    @AfterEach
    void deleteHome() {
        UnpackedBinaries.delete(home);
    }

    @Test
    void namesTheHolderOfATakenPort() throws IOException {
        try (var squatter = new ServerSocket(settings.port(), 1, InetAddress.ofLiteral("127.0.0.1"))) {
            var refusal = refusal(Reason.PORT_TAKEN);
            assertThat(refusal)
                    .hasMessageContaining(Integer.toString(squatter.getLocalPort()))
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " (")
                    .hasMessageContaining("java")
                    .hasMessageContaining("SHUSUAN_POSTGRES_PORT");
        }
    }

    @Test
    void namesTheProcessThatHasTheHome() throws Exception {
        try (var platform = Platform.running(settings)) {
            assertThat(refusal(Reason.HOME_IN_USE))
                    .hasMessageContaining("process " + platform.pid())
                    .hasMessageContaining("SHUSUAN_HOME");
        } finally {
            EmbeddedPostgres.open(settings).close();
        }
    }

    @Test
    void refusesToOpenAHomeTwiceInOneProcessAndKeepsTheFirst() {
        try (var first = EmbeddedPostgres.open(settings)) {
            assertThat(refusal(Reason.HOME_IN_USE)).hasMessageContaining("this very process");
            assertThat(first.pid()).isPositive();
        }
    }

    @Test
    void refusesDataWithoutItsPassword() throws IOException {
        EmbeddedPostgres.open(settings).close();
        Files.delete(postgres("password"));
        assertThat(refusal(Reason.PASSWORD_MISSING)).hasMessageContaining("ALTER ROLE");
    }

    @Test
    void refusesAPasswordThatIsNotTheDatabases() throws IOException {
        EmbeddedPostgres.open(settings).close();
        Files.writeString(postgres("password"), "another");
        refusal(Reason.PASSWORD_REFUSED);
        assertThat(PortHolder.isFree(settings.port()))
                .as("no server is left running")
                .isTrue();
    }

    @Test
    void refusesDataOfAnotherVersion() throws IOException {
        EmbeddedPostgres.open(settings).close();
        Files.writeString(postgres("data/PG_VERSION"), "17\n");
        assertThat(refusal(Reason.DATA_OF_OTHER_VERSION))
                .hasMessageContaining("PostgreSQL 17")
                .hasMessageContaining("PostgreSQL 18")
                .hasMessageContaining("pg_dumpall");
    }

    @Test
    void refusesAFolderThatIsNoDatabase() throws IOException {
        Files.createDirectories(postgres("data"));
        Files.writeString(postgres("password"), "something");
        assertThat(refusal(Reason.DATA_FOREIGN)).hasMessageContaining("Move that folder away");
    }

    @Test
    void refusesAHomeThatCannotBeMade() throws IOException {
        var file = Files.writeString(home.resolve("file"), "where the folder should be");
        settings = new PostgresSettings(file, settings.port());
        assertThat(refusal(Reason.HOME_UNUSABLE))
                .hasMessageContaining(file + " is not a folder")
                .hasMessageContaining("SHUSUAN_HOME");
    }

    @Test
    void showsWhatTheServerSaidWhenItDoesNotStart() throws IOException {
        Files.createDirectories(postgres(""));
        Files.writeString(postgres("local.conf"), "no_such_setting = 1\n");
        assertThat(refusal(Reason.START_FAILED)).hasMessageContaining("no_such_setting");
    }

    @Test
    void tellsAFullDiskFromOtherFailures() {
        var full = Failures.of(
                "FATAL:  could not write to file \"pg_wal/xlogtemp.9\": No space left on device",
                "PostgreSQL did not start",
                Reason.START_FAILED,
                "");
        assertThat(full.reason()).isEqualTo(Reason.DISK_FULL);
        assertThat(full).hasMessageContaining("Free some space");
        var written = Failures.of(new IOException("No space left on device"), "Cannot", Reason.HOME_UNUSABLE);
        assertThat(written.reason()).isEqualTo(Reason.DISK_FULL);
    }

    private EmbeddedPostgresException refusal(Reason reason) {
        var refusal = catchThrowableOfType(
                EmbeddedPostgresException.class,
                () -> EmbeddedPostgres.open(settings).close());
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(reason);
        return refusal;
    }

    private Path postgres(String name) {
        return home.resolve("postgres").resolve(name);
    }
}
