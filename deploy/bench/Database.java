import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** The embedded PostgreSQL of the benchmark's home. */
final class Database implements AutoCloseable {

    final Connection connection;
    private long asked;

    Database(Client client) throws IOException, SQLException {
        connection = DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + client.option("postgres-port") + "/shusuan",
                "shusuan",
                Files.readString(Path.of(client.option("home"), "postgres", "password")).strip());
    }

    /** How many transactions of the database were for these questions. */
    long asked() {
        return asked;
    }

    void execute(String sql) throws SQLException {
        asked++;
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    long number(String sql) throws SQLException {
        asked++;
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Asks every 50 ms until the answer is at least that, and returns it. */
    long await(String what, long atLeast, int seconds, String sql) throws SQLException, InterruptedException {
        var end = System.nanoTime() + seconds * 1_000_000_000L;
        var found = number(sql);
        while (found < atLeast) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("%s: %d of %d after %d s".formatted(what, found, atLeast, seconds));
            }
            Thread.sleep(50);
            found = number(sql);
        }
        return found;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
