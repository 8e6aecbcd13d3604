package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Two replicas, of which one schedules and the other stands by. */
class TakeoverTest {

    private static final String LEAVES = """
            echo run >>$SHUSUAN_ARTIFACTS/runs
            until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done""";

    @TempDir
    Path home;

    private TestDatabase database;
    private JdbcClient sql;

    @BeforeEach
    void begin() throws IOException {
        database = TestDatabase.migrated();
        sql = JdbcClient.create(new DriverManagerDataSource(database.jdbcUrl(), database.user(), database.password()));
        var texts = Files.createDirectories(home.resolve("texts"));
        Files.writeString(texts.resolve("1"), text("first", "training", 16, LEAVES));
        Files.writeString(texts.resolve("2"), text("second", "training", 16, "echo run >>$SHUSUAN_ARTIFACTS/runs"));
    }

    @AfterEach
    void end() {
        database.close();
    }

    private SchedulerProcess replica(int number) throws IOException {
        var access = new TestPlatform.Access(database.jdbcUrl(), database.user(), database.password());
        var replica = SchedulerProcess.start(access, home);
        awaiting().until(() -> log().split(SchedulerProcess.READY, -1).length == number + 1);
        return replica;
    }

    private String log() throws IOException {
        return Files.readString(home.resolve("platform.log"));
    }

    private long token() {
        return sql.sql("select token from scheduler_lease").query(Long.class).single();
    }

    private boolean is(String job, String state) {
        return sql.sql("select state from jobs where name = :name")
                .param("name", job)
                .query(String.class)
                .single()
                .equals(state);
    }

    private Path artifacts(String job) {
        var id = sql.sql("select id::text from jobs where name = :name")
                .param("name", job)
                .query(String.class)
                .single();
        return home.resolve("artifacts").resolve(id);
    }

    @Test
    void theOtherTakesOverWhenOneIsKilled() throws Exception {
        try (var one = replica(1)) {
            awaiting().until(() -> is("first", "RUNNING"));
            try (var other = replica(2)) {
                assertThat(token()).isEqualTo(1);
                one.signal("KILL");
                var killed = System.nanoTime();
                awaiting().until(() -> token() == 2);
                assertThat(Duration.ofNanos(System.nanoTime() - killed)).isLessThan(Duration.ofSeconds(5));
                finishes();
                assertThat(other.isAlive()).isTrue();
            }
        }
    }

    @Test
    void whoWasStalledWritesNothingMoreAndStandsBy() throws Exception {
        try (var one = replica(1)) {
            awaiting().until(() -> is("first", "RUNNING"));
            try (var other = replica(2)) {
                one.signal("STOP");
                awaiting().until(() -> token() == 2);
                finishes();
                one.signal("CONT");
                awaiting().until(() -> log().contains("another replica schedules now"));
                assertThat(token()).isEqualTo(2);
                assertThat(other.isAlive()).isTrue();
                for (var job : List.of("first", "second")) {
                    assertThat(is(job, "SUCCEEDED")).isTrue();
                    assertThat(Files.readString(artifacts(job).resolve("runs"))).isEqualTo("run\n");
                }
            }
        }
    }

    private void finishes() throws IOException {
        Files.createFile(artifacts("first").resolve("leave"));
        awaiting().until(() -> is("first", "SUCCEEDED") && is("second", "SUCCEEDED"));
        for (var job : List.of("first", "second")) {
            assertThat(Files.readString(artifacts(job).resolve("runs"))).isEqualTo("run\n");
        }
    }
}
