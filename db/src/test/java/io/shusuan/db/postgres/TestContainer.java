package io.shusuan.db.postgres;

import org.testcontainers.postgresql.PostgreSQLContainer;

/** The server as a container, which ends with this JVM. */
final class TestContainer extends TestServer {
    private final PostgreSQLContainer container = new PostgreSQLContainer("postgres:18");

    TestContainer() {
        container.start();
    }

    @Override
    String jdbcUrl(String database) {
        return "jdbc:postgresql://" + container.getHost() + ":"
                + container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT) + "/" + database;
    }

    @Override
    String user() {
        return container.getUsername();
    }

    @Override
    String password() {
        return container.getPassword();
    }
}
