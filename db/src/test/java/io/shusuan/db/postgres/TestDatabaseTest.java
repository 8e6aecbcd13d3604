package io.shusuan.db.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class TestDatabaseTest {
    @Test
    void eachIsEmptyOfTheOthersData() throws SQLException {
        try (var one = TestDatabase.migrated();
                var two = TestDatabase.migrated();
                var inOne = one.connect();
                var inTwo = two.connect()) {
            inOne.createStatement().execute("CREATE TABLE of_one ()");
            try (var row = inTwo.createStatement().executeQuery("SELECT to_regclass('of_one') IS NULL")) {
                row.next();
                assertThat(row.getBoolean(1)).isTrue();
            }
        }
    }
}
