import java.sql.SQLException;

/** What the database was asked, for each job: transactions always, statements if it was told to count them. */
final class Statements {

    private static final int MOST_SHOWN = 40;
    private static final int WIDTH = 150;

    private final boolean counted;
    private final Database database;
    private final long transactions;

    /** @param database by which the benchmark itself asks, whose own questions are not counted */
    Statements(Client client, Database database) throws SQLException {
        this.database = database;
        this.counted = client.option("statements").equals("yes");
        if (counted) {
            database.execute("create extension if not exists pg_stat_statements");
            database.execute("select pg_stat_statements_reset()");
        }
        transactions = transactions();
    }

    private long transactions() throws SQLException {
        return database.number("select xact_commit + xact_rollback from pg_stat_database where datname = 'shusuan'") - database.asked();
    }

    void print(int jobs) throws SQLException {
        System.out.printf("%-52s %8.2f%n", "transactions for each job", 1.0 * (transactions() - transactions) / jobs);
        if (!counted) {
            return;
        }
        var asked = "from pg_stat_statements where query !~ 'from pg_stat|select count.*from jobs where state ='";
        System.out.printf("%-52s %8.2f%n", "statements for each job", 1.0 * database.number("select sum(calls)::bigint " + asked) / jobs);
        try (var statement = database.connection.createStatement();
                var rows = statement.executeQuery(
                        "select calls, total_exec_time as millis, query " + asked + " order by calls desc limit " + MOST_SHOWN)) {
            while (rows.next()) {
                var query = rows.getString("query").replaceAll("\\s+", " ");
                System.out.printf(
                        "%8.2f  %7.3f ms  %s%n",
                        1.0 * rows.getLong("calls") / jobs,
                        rows.getDouble("millis") / jobs,
                        query.substring(0, Math.min(query.length(), WIDTH)));
            }
        }
    }
}
