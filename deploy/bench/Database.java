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

    /** Waits for a database that is yet to start. */
    static Database whenThere(Client client) throws IOException, InterruptedException {
        while (true) {
            try {
                return new Database(client);
            } catch (SQLException notYet) {
                Thread.sleep(100);
            }
        }
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

    /** Asks until the answer is at least that, and returns it: every 50 ms, and less often what takes long, which would slow down what is measured. */
    long await(String what, long atLeast, int seconds, String sql) throws SQLException, InterruptedException {
        var end = System.nanoTime() + seconds * 1_000_000_000L;
        while (true) {
            var asked = System.nanoTime();
            var found = number(sql);
            if (found >= atLeast) {
                return found;
            }
            if (asked > end) {
                throw new IllegalStateException("%s: %d of %d after %d s".formatted(what, found, atLeast, seconds));
            }
            var took = (System.nanoTime() - asked) / 1_000_000;
            Thread.sleep(Math.max(50, 10 * took));
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
