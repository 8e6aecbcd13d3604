package io.shusuan.db.postgres;

import io.shusuan.db.postgres.EmbeddedPostgresException.Reason;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;

/** Asks the server, as a client would, whether it is ours and ready, and makes the platform's database in it. */
record Probe(int port, Password password) {
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final Duration BETWEEN_TRIES = Duration.ofMillis(50);

    /** Refuses every proof of identity but SCRAM, so that no impostor on the port is told the password. */
    static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?requireAuth=scram-sha-256&sslmode=disable"
                + "&gssEncMode=disable&ApplicationName=shusuan";
    }

    void ready(String database) {
        try (var connection = connect();
                var statement = connection.createStatement();
                var found = statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + database + "'")) {
            if (!found.next()) {
                statement.execute("CREATE DATABASE " + database);
            }
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    /** Waits while the server says that it is starting up, which a crash recovery may make it say for long. */
    private Connection connect() throws SQLException {
        var deadline = System.nanoTime() + DEADLINE.toNanos();
        for (; ; ) {
            try {
                return DriverManager.getConnection(url(port, "postgres"), login());
            } catch (SQLException e) {
                if (!isPassing(e) || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
            }
        }
    }

    private Properties login() {
        var login = new Properties();
        login.setProperty("user", EmbeddedPostgres.USER);
        login.setProperty("password", password.text());
        login.setProperty("connectTimeout", "5");
        login.setProperty("socketTimeout", "60");
        return login;
    }

    /** 57P03: starting up. 53300: all connections taken, as right after a crash, when the old ones are being reaped. */
    private static boolean isPassing(SQLException e) {
        return "57P03".equals(e.getSQLState()) || "53300".equals(e.getSQLState());
    }

    private EmbeddedPostgresException refused(SQLException e) {
        var state = String.valueOf(e.getSQLState());
        if (state.startsWith("28")) {
            return new EmbeddedPostgresException(
                    Reason.PASSWORD_REFUSED,
                    "The database on port " + port + " refuses the password in the platform's password file.",
                    "Put the password file back that was there when the database was made (postgres/password in"
                            + " SHUSUAN_HOME).",
                    e);
        }
        return new EmbeddedPostgresException(
                Reason.START_FAILED,
                "The database on port " + port + " does not answer as it should: " + e.getMessage(),
                "Its log is in postgres/log in SHUSUAN_HOME.",
                e);
    }
}
