package io.shusuan.db.postgres;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.test.context.DynamicPropertyRegistry;

/**
 * A database of its own for each test class, in one server per JVM.
 *
 * <pre>{@code
 * static final TestDatabase DATABASE = TestDatabase.migrated();
 *
 * @DynamicPropertySource
 * static void database(DynamicPropertyRegistry registry) {
 *     DATABASE.register(registry);
 * }
 * }</pre>
 *
 * <p>The server is the embedded one, without fsync and kept in {@code target/test-postgres} for the next run; with
 * {@code -Dtest.database=testcontainers} it is a container of the image {@code postgres:18}.
 */
public final class TestDatabase implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final TestServer server;
    private final String name;

    private TestDatabase(TestServer server, String template) {
        this.server = server;
        this.name = TestServer.THROWAWAY + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
        server.execute("CREATE DATABASE " + name + " TEMPLATE " + template);
    }

    /** With every Flyway migration of the class path applied; they run once, the databases are copies. */
    public static TestDatabase migrated() {
        var server = TestServer.shared();
        return new TestDatabase(server, server.migratedTemplate());
    }

    /** With nothing in it. */
    public static TestDatabase empty() {
        return new TestDatabase(TestServer.shared(), "template0");
    }

    /** Points Spring's data source here, so that the context starts no embedded server. */
    public void register(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", this::jdbcUrl);
        registry.add("spring.datasource.username", this::user);
        registry.add("spring.datasource.password", this::password);
    }

    public String jdbcUrl() {
        return server.jdbcUrl(name);
    }

    public String user() {
        return server.user();
    }

    public String password() {
        return server.password();
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), user(), password());
    }

    /** Drops it, with whoever is still connected. Not needed for order: the next run drops what is left. */
    @Override
    public void close() {
        server.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }
}
