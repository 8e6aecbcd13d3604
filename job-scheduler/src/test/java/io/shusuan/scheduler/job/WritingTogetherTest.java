package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.training;
import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shusuan.db.job.Condition;
import io.shusuan.db.job.Job;
import io.shusuan.db.job.JobChanges;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** Jobs that are written in one transaction: what stands in the way of one does not keep the others from being written. */
class WritingTogetherTest extends OnePlatformEach {

    private static final Instant AT = Instant.parse("2026-11-27T10:00:00.123456Z");

    private List<JobId> ids;

    @BeforeEach
    void run() {
        ids = Stream.of("a", "b", "c", "d")
                .map(name -> platform.submit(training(name, "sleep 600")))
                .toList();
        ids.forEach(id -> platform.reaches(id, JobState.RUNNING));
    }

    private <T> T inTransaction(Supplier<T> work) {
        return requireNonNull(platform.bean(TransactionTemplate.class).execute(status -> work.get()));
    }

    private void changeBehindItsBack(JobId id) {
        platform.bean(JdbcClient.class)
                .sql("update jobs set priority = priority + 1, version = version + 1 where id = :id")
                .param("id", id.value())
                .update();
    }

    @Test
    void eachIsWrittenIfItIsAsItWasReadAndItsEventsWithIt() {
        var jobs = List.copyOf(platform.bean(Jobs.class).findAll(ids).values());
        assertThat(jobs).extracting(Job::id).containsExactlyElementsOf(ids);
        changeBehindItsBack(ids.get(1));
        jobs.forEach(job -> {
            job.disturbed("Disturbed", "it's \"so\"", AT);
            job.tell(AT, "First", "1");
            job.tell(AT, "Second", "2");
        });
        var versions = jobs.stream().map(Job::version).toList();
        var written = inTransaction(() -> platform.bean(JobChanges.class).write(jobs));
        assertThat(written).extracting(Job::id).containsExactlyInAnyOrder(ids.get(0), ids.get(2), ids.get(3));
        for (var id : List.of(ids.get(0), ids.get(2), ids.get(3))) {
            assertThat(platform.job(id).condition()).isEqualTo(new Condition("Disturbed", "it's \"so\"", AT));
            assertThat(platform.events(id)).endsWith("Disturbed", "First", "Second");
        }
        assertThat(platform.job(ids.getFirst()).version()).isEqualTo(versions.getFirst() + 1);
        assertThat(platform.job(ids.get(1)).condition()).isNull();
        assertThat(platform.events(ids.get(1))).doesNotContain("Disturbed", "First");
    }

    @Test
    void whatHasNotChangedKeepsItsVersionThoughSomethingIsToldOfIt() {
        var before = platform.job(ids.getFirst());
        before.tell(AT, "Told", "nothing else");
        var version = before.version();
        inTransaction(() -> platform.bean(JobChanges.class).write(List.of(before)));
        assertThat(before.version()).isEqualTo(version);
        assertThat(platform.job(ids.getFirst()).version()).isEqualTo(version);
        assertThat(platform.job(ids.getFirst()).placement()).isEqualTo(before.placement());
        assertThat(platform.events(ids.getFirst())).endsWith("Told");
    }

    private Future<Void> note(JobId id, String sentence) {
        var task = new FutureTask<Void>(
                () -> {
                    var _ = platform.bean(JobWriter.class).note(id, job -> job.disturbed("Noted", sentence, AT));
                },
                null);
        var noting = Thread.ofVirtual().start(task);
        await().atMost(30, SECONDS).until(() -> noting.getState() == Thread.State.WAITING || task.isDone());
        return task;
    }

    /** Holds rows as somebody does who looks into the database by hand, until it is closed. */
    private Connection held(String rows, Object... parameters) throws SQLException {
        var connection = platform.bean(DataSource.class).getConnection();
        connection.setAutoCommit(false);
        try (var lock = connection.prepareStatement(rows + " for update")) {
            for (var i = 0; i < parameters.length; i++) {
                lock.setObject(i + 1, parameters[i]);
            }
            lock.execute();
        }
        return connection;
    }

    private static void letGo(Connection connection) throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
    }

    @Test
    void whatCannotBeStoredOfOneIsRefusedToThatOneOnly() throws Exception {
        Future<Void> first;
        List<Future<Void>> others;
        // Each transaction of the scheduler waits for that: so the others gather behind the first one.
        try (var connection = held("select from scheduler_lease")) {
            first = note(ids.getFirst(), "waits for the lease");
            others = List.of(note(ids.get(1), "good"), note(ids.get(2), "no \0 text"), note(ids.get(3), "good"));
            letGo(connection);
        }
        first.get(30, SECONDS);
        others.get(0).get(30, SECONDS);
        others.get(2).get(30, SECONDS);
        assertThatThrownBy(() -> others.get(1).get(30, SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(DataIntegrityViolationException.class);
        assertThat(platform.events(ids.get(0))).containsOnlyOnce("Noted");
        assertThat(platform.events(ids.get(1))).containsOnlyOnce("Noted");
        assertThat(platform.events(ids.get(2))).doesNotContain("Noted");
        assertThat(platform.events(ids.get(3))).containsOnlyOnce("Noted");
    }

    @Test
    void whoseRowSomebodyHoldsIsWrittenLaterAndTheOthersAtOnce() throws Exception {
        try (var connection =
                held("select from jobs where id = ?", ids.getFirst().value())) {
            var locked = note(ids.getFirst(), "cannot be written");
            note(ids.get(1), "good").get(30, SECONDS);
            assertThatThrownBy(() -> locked.get(30, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(CannotAcquireLockException.class)
                    .hasMessageContaining("holds the row of job " + ids.getFirst());
            ids.stream().skip(1).forEach(id -> platform.control().stop(id, "tester"));
            ids.stream().skip(1).forEach(id -> platform.reaches(id, JobState.STOPPED));
            var after = platform.submit(training("after", "true"));
            platform.reaches(after, JobState.SUCCEEDED); // it is admitted, begun and seen, too
            assertThat(platform.job(ids.getFirst()).state()).isEqualTo(JobState.RUNNING);
            letGo(connection);
        }
        note(ids.getFirst(), "good again").get(30, SECONDS);
        assertThat(platform.events(ids.getFirst())).containsOnlyOnce("Noted");
        platform.control().stop(ids.getFirst(), "tester");
        platform.reaches(ids.getFirst(), JobState.STOPPED);
    }
}
