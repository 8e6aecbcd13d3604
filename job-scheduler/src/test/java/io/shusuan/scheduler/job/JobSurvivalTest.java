package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobEvent;
import io.shusuan.db.job.JobEvents;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.postgres.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever dies at whatever moment: no job is lost, and none runs twice. */
class JobSurvivalTest {

    private static final int JOBS = 8;

    @TempDir
    Path home;

    private TestDatabase database;

    @BeforeEach
    void begin() {
        database = TestDatabase.migrated();
    }

    @AfterEach
    void end() {
        database.close();
    }

    private TestPlatform.Access access() {
        return new TestPlatform.Access(database.jdbcUrl(), database.user(), database.password());
    }

    @Test
    void aPlatformKilledAgainAndAgainFinishesEveryJobOnce() throws Exception {
        var texts = Files.createDirectories(home.resolve("texts"));
        for (var i = 0; i < JOBS; i++) {
            Files.writeString(
                    texts.resolve("job" + i),
                    training("job" + i, "echo run >>$SHUSUAN_ARTIFACTS/runs; sleep 0.3", "sleep 0.1"));
        }
        var random = new Random(20250707);
        for (var round = 0; round < 3; round++) {
            var begin = marks();
            var more = 1 + random.nextInt(JOBS);
            try (var platform = SchedulerProcess.start(access(), home)) {
                // Killed when so many more steps have reached the database, whatever it is doing then.
                awaiting().until(() -> !platform.isAlive() || allEnded() || marks() >= begin + more);
                assertThat(platform.isAlive()).as(this::log).isTrue();
            }
        }
        try (var platform = new TestPlatform(access(), home)) {
            var ids = new ArrayList<JobId>();
            for (var i = 0; i < JOBS; i++) {
                var text = Files.readString(texts.resolve("job" + i));
                ids.add(platform.submissions()
                        .submit(TestPlatform.submission(text, "job" + i))
                        .id());
            }
            for (var id : ids) {
                var job = platform.ended(id);
                assertThat(job.state()).as(job.message()).isEqualTo(JobState.SUCCEEDED);
                assertThat(platform.runs(id)).isEqualTo(1);
            }
            assertThat(count("select count(*) from jobs")).isEqualTo(JOBS);
        }
    }

    private String log() {
        try {
            return Files.readString(home.resolve("platform.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private long marks() throws SQLException {
        return count("select count(*) from job_events");
    }

    private boolean allEnded() throws SQLException {
        return count("select count(*) from jobs where state = 'SUCCEEDED'") == JOBS;
    }

    private long count(String sql) throws SQLException {
        try (var connection = database.connect();
                var query = connection.createStatement();
                var row = query.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void aPlatformThatStartsAnewGoesOnWithEveryJob() throws Exception {
        try (var platform = new TestPlatform(access(), home)) {
            var slow = "echo run >>$SHUSUAN_ARTIFACTS/runs; sleep 2";
            var running = platform.submit(training("running", slow));
            platform.reaches(running, JobState.RUNNING);
            var stopping =
                    platform.submit(training("stopping", "trap '' TERM; touch $SHUSUAN_ARTIFACTS/here; sleep 1000"));
            platform.awaitFile(stopping, "here");
            platform.control().stop(stopping, "ada");
            var young = IntStream.range(0, 6)
                    .mapToObj(i -> platform.submit(training("young" + i, slow)))
                    .toList(); // queued, admitted, handed over, starting
            platform.restart();
            assertThat(platform.job(stopping).state()).isIn(JobState.STOPPING, JobState.STOPPED);
            for (var id : Stream.concat(Stream.of(running), young.stream()).toList()) {
                assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
                assertThat(platform.runs(id)).isEqualTo(1);
            }
            assertThat(platform.ended(stopping).state()).isEqualTo(JobState.STOPPED);
        }
    }

    /** As if it was killed after the work was done and before that was written down. */
    @Test
    void aStepThatIsTakenAgainHasNoSecondEffect() throws Exception {
        try (var platform = new TestPlatform(access(), home)) {
            var states = List.of("QUEUED", "ADMITTED", "STARTING", "RUNNING");
            var ids = states.stream()
                    .map(state -> platform.submit(training(
                            "at-" + state.toLowerCase(Locale.ROOT), "echo run >>$SHUSUAN_ARTIFACTS/runs; sleep 0.2")))
                    .toList();
            ids.forEach(platform::ended);
            for (var i = 0; i < ids.size(); i++) {
                setState(ids.get(i).value(), states.get(i));
            }
            var failed = platform.submit(training("failed", "exit 3"));
            platform.ended(failed);
            setState(failed.value(), "RUNNING");
            var away = Instant.now();
            platform.restart();
            assertThat(platform.ended(failed).finishedAt()).isBefore(away);
            for (var id : ids) {
                assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
                assertThat(platform.job(id).finishedAt()).isBefore(away); // when it ended, not when that was noticed
                assertThat(platform.bean(JobEvents.class).of(id, 0, 100))
                        .extracting(JobEvent::at)
                        .isSorted(); // and what was noticed is told in that order
                assertThat(platform.runs(id)).isEqualTo(1);
            }
        }
    }

    @Test
    void whatEndsWhileThePlatformIsDownHasHeldNothingSinceThen() throws Exception {
        try (var platform = new TestPlatform(access(), home)) {
            var id = platform.submit(training("ends", """
                    until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done
                    touch $SHUSUAN_ARTIFACTS/left"""));
            platform.reaches(id, JobState.RUNNING);
            platform.bean(SchedulerLoop.class).stop();
            Files.createFile(platform.artifacts(id).resolve("leave"));
            platform.awaitFile(id, "left");
            platform.restart();
            assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(count("""
                    select count(*) from holdings h join jobs j on j.id = h.job_id
                     where h.ended = j.finished_at and h.ended > h.began""")).isOne();
        }
    }

    private void setState(UUID id, String state) throws SQLException {
        try (var connection = database.connect();
                var update =
                        connection.prepareStatement("update jobs set state = ?, version = version + 1 where id = ?")) {
            update.setString(1, state);
            update.setObject(2, id);
            update.executeUpdate();
        }
    }

    @Test
    void aTrainingJobWhoseTracesHaveVanishedFailsInsteadOfRunningTwice() throws Exception {
        try (var platform = new TestPlatform(access(), home)) {
            var id = platform.submit(training("vanished", "echo run >>$SHUSUAN_ARTIFACTS/runs"));
            platform.ended(id);
            setState(id.value(), "RUNNING");
            var kept = Files.readString(platform.artifacts(id).resolve("runs"));
            platform.cluster().remove(id);
            platform.restart();
            var job = platform.ended(id);
            assertThat(kept).isEqualTo("run\n");
            assertThat(job.state()).isEqualTo(JobState.FAILED);
            assertThat(job.reason()).isEqualTo("Vanished");
            assertThat(platform.artifacts(id)).doesNotExist();
        }
    }

    @Test
    void jobsGoOnWhileTheDatabaseIsAway() throws Exception {
        try (var platform = new TestPlatform(access(), home)) {
            var running = platform.submit(training("running", """
                    touch $SHUSUAN_ARTIFACTS/here
                    until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done
                    echo run >>$SHUSUAN_ARTIFACTS/runs"""));
            platform.awaitFile(running, "here");
            server("alter database %s allow_connections false");
            server("select pg_terminate_backend(pid) from pg_stat_activity where datname = '%s'");
            Files.createFile(platform.artifacts(running).resolve("leave"));
            platform.awaitFile(running, "runs"); // it ends while nobody can write that down
            server("alter database %s allow_connections true");
            assertThat(platform.ended(running).state()).isEqualTo(JobState.SUCCEEDED);
            var next = platform.submit(training("next", "echo run >>$SHUSUAN_ARTIFACTS/runs"));
            assertThat(platform.ended(next).state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(platform.runs(running)).isEqualTo(1);
        }
    }

    /** Speaks to the server through another of its databases. */
    private void server(String sql) throws SQLException {
        var url = database.jdbcUrl();
        var name = url.replaceAll(".*/([^/?]+).*", "$1");
        try (var connection = DriverManager.getConnection(
                        url.replace("/" + name, "/postgres"), database.user(), database.password());
                var statement = connection.createStatement()) {
            statement.execute(sql.formatted(name));
        }
    }
}
