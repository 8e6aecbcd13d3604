package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import io.shusuan.db.postgres.PostgresSettings.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.jspecify.annotations.Nullable;

/** The one server of this JVM that test databases live in. */
abstract class TestServer {
    static final String THROWAWAY = "test_";
    private static final String MIGRATED = "migrated_";
    private static final int HOMES_TRIED = 8;

    private final AtomicReference<@Nullable String> template = new AtomicReference<>();

    abstract String jdbcUrl(String database);

    abstract String user();

    abstract String password();

    static TestServer shared() {
        return Shared.SERVER;
    }

    private static final class Shared {
        static final TestServer SERVER = switch (System.getProperty("test.database", "embedded")) {
            case "embedded" -> embedded();
            // A class of its own: modules that never ask for it need no Testcontainers on their class path.
            case "testcontainers" -> new TestContainer();
            case String other ->
                throw new IllegalArgumentException("-Dtest.database=" + other + ": it is embedded or testcontainers");
        };
    }

    /** A home that another JVM has now, an IDE beside a build for example, is left to it. */
    private static TestServer embedded() {
        for (var number : IntStream.range(0, HOMES_TRIED).toArray()) {
            try {
                var home = Path.of("target", "test-postgres", Integer.toString(number));
                var postgres = EmbeddedPostgres.open(new PostgresSettings(home, freePort(), Durability.NONE_FOR_TESTS));
                Runtime.getRuntime().addShutdownHook(new Thread(postgres::close, "stop-test-postgres"));
                TestServer server = new EmbeddedTestServer(postgres);
                server.dropAll(THROWAWAY);
                return server;
            } catch (EmbeddedPostgresException e) {
                if (e.reason() != Reason.HOME_IN_USE) {
                    throw e;
                }
            }
        }
        throw new IllegalStateException("all " + HOMES_TRIED + " homes under target/test-postgres are in use");
    }

    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void execute(String sql) {
        try (var connection = DriverManager.getConnection(jdbcUrl("postgres"), user(), password());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql + ": " + e.getMessage(), e);
        }
    }

    /** A database with the class path's migrations. Its name carries their checksums, so a later run finds it made. */
    synchronized String migratedTemplate() {
        var known = template.get();
        if (known != null) {
            return known;
        }
        var migrations = Flyway.configure()
                .dataSource(jdbcUrl("postgres"), user(), password())
                .load()
                .info()
                .all();
        var fingerprint = Arrays.hashCode(
                Arrays.stream(migrations).map(TestServer::fingerprint).toArray());
        var name = MIGRATED + Integer.toHexString(fingerprint);
        if (!exists(name)) {
            migrate(name);
        }
        template.set(name);
        return name;
    }

    private static String fingerprint(MigrationInfo migration) {
        return migration.getScript() + ":" + migration.getChecksum();
    }

    /** Under another name until it is whole. */
    private void migrate(String name) {
        var half = THROWAWAY + name;
        execute("DROP DATABASE IF EXISTS " + half);
        execute("CREATE DATABASE " + half + " TEMPLATE template0");
        Flyway.configure().dataSource(jdbcUrl(half), user(), password()).load().migrate();
        dropAll(MIGRATED);
        execute("ALTER DATABASE " + half + " RENAME TO " + name);
    }

    private boolean exists(String database) {
        return databases(database).length > 0;
    }

    private void dropAll(String prefix) {
        for (var database : databases(prefix + "%")) {
            execute("DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
        }
    }

    private String[] databases(String like) {
        try (var connection = DriverManager.getConnection(jdbcUrl("postgres"), user(), password());
                var query = connection.prepareStatement(
                        "SELECT coalesce(array_agg(datname::text), '{}') FROM pg_database WHERE datname LIKE ?")) {
            query.setString(1, like);
            try (var row = query.executeQuery()) {
                row.next();
                return (String[]) row.getArray(1).getArray();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class EmbeddedTestServer extends TestServer {
        private final EmbeddedPostgres postgres;

        EmbeddedTestServer(EmbeddedPostgres postgres) {
            this.postgres = postgres;
        }

        @Override
        String jdbcUrl(String database) {
            return postgres.jdbcUrl(database);
        }

        @Override
        String user() {
            return postgres.user();
        }

        @Override
        String password() {
            return postgres.password();
        }
    }
}
