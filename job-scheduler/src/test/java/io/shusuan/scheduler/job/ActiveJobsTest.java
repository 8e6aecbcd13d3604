package io.shusuan.scheduler.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.JobId;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Running;
import io.shusuan.scheduler.queue.Waiting;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What is read bit by bit is what is there. */
class ActiveJobsTest {

    private TestDatabase database;
    private JdbcClient jdbc;
    private ActiveJobs jobs;
    private final List<JobId> ending = new ArrayList<>();

    @BeforeEach
    void begin() {
        database = TestDatabase.migrated();
        jdbc = JdbcClient.create(new DriverManagerDataSource(database.jdbcUrl(), database.user(), database.password()));
        jobs = new ActiveJobs(jdbc);
    }

    @AfterEach
    void end() {
        database.close();
    }

    private JobId job(String name, String state) {
        var id = JobId.next();
        jdbc.sql("""
                        insert into jobs (id, name, owner, queue, kind, state, priority, spec, spec_media_type, artifact_sources,
                                          milli_cpus, memory_mib, gpus, created_at, admitted_at, version)
                        values (:id, :name, 'ada', 'default', 'TRAINING', :state, 0, '', '', '{}', 2000, 128, 2, now(), now(), 0)""")
                .param("id", id.value())
                .param("name", name)
                .param("state", state)
                .update();
        jdbc.sql("""
                        insert into task_roles (job_id, ordinal, name, task_number, milli_cpus, memory_mib, gpus)
                        values (:id, 0, 'main', 2, 1000, 64, 1)""").param("id", id.value()).update();
        return id;
    }

    private List<JobId> waiting() {
        return jobs.waiting(Set.of(), Instant.now()).stream().map(Waiting::job).toList();
    }

    private List<JobId> running() {
        return jobs.running().stream().map(Running::job).toList();
    }

    @Test
    void readsWhatAJobAsksForAndWhereItIs() {
        var waits = job("waits", "QUEUED");
        var runs = job("runs", "RUNNING");
        jdbc.sql("""
                        update jobs set placement = '[{"role": "main", "flavour": "default", "node": "n1", "tasks": 2}]'
                         where id = :id""").param("id", runs.value()).update();
        job("ended", "FAILED");
        jobs.refresh(ending::add);
        assertThat(waiting()).containsExactly(waits);
        assertThat(running()).containsExactly(runs);
        var role =
                jobs.waiting(Set.of(), Instant.now()).getFirst().ask().roles().getFirst();
        assertThat(role.tasks()).isEqualTo(2);
        assertThat(role.perTask().gpus()).isEqualTo(1);
        assertThat(jobs.running().getFirst().placement().spots())
                .singleElement()
                .satisfies(spot -> {
                    assertThat(spot.node()).isEqualTo("n1");
                    assertThat(spot.perTask()).isEqualTo(role.perTask());
                });
        assertThat(jobs.waiting(Set.of(QueueName.DEFAULT), Instant.now())).isEmpty();
    }

    @Test
    void whoCommitsLateIsNotMissed() throws SQLException {
        var early = job("early", "QUEUED");
        var late = job("late", "QUEUED");
        jobs.refresh(ending::add);
        try (var other = connection()) {
            other.setAutoCommit(false);
            set(other, late, "RUNNING");
            set(early, "RUNNING");
            jobs.refresh(ending::add);
            assertThat(waiting()).containsExactly(late);
            jobs.refresh(ending::add);
            other.commit();
        }
        jobs.refresh(ending::add);
        assertThat(waiting()).isEmpty();
        assertThat(running()).containsExactlyInAnyOrder(early, late);
    }

    @Test
    void tellsWhoHasToEnd() {
        var id = job("ends", "RUNNING");
        jobs.refresh(ending::add);
        assertThat(ending).isEmpty();
        set(id, "STOPPING");
        jobs.refresh(ending::add);
        assertThat(ending).containsExactly(id);
    }

    @Test
    void whatWasDeletedIsDroppedByTheSweep() {
        var id = job("gone", "QUEUED");
        var stays = job("stays", "QUEUED");
        jobs.refresh(ending::add);
        jdbc.sql("delete from jobs where id = :id").param("id", id.value()).update();
        jobs.sweep();
        assertThat(waiting()).containsExactly(stays);
    }

    @Test
    void isTheSameAsReadAtOnceWhateverWasWrittenInWhateverOrder() throws SQLException {
        var random = new Random(20261125);
        var states = List.of("QUEUED", "ADMITTED", "RUNNING", "STOPPING", "SUCCEEDED");
        var ids = new ArrayList<JobId>();
        var open = new ArrayList<Connection>();
        for (var step = 0; step < 400; step++) {
            switch (random.nextInt(5)) {
                case 0 -> ids.add(job("job" + step, states.get(random.nextInt(states.size()))));
                case 1 -> jobs.refresh(ending::add);
                case 2 -> {
                    var connection = connection();
                    connection.setAutoCommit(false);
                    set(connection, job("own" + step, "QUEUED"), states.get(random.nextInt(states.size())));
                    open.add(connection);
                }
                case 3 -> {
                    if (!open.isEmpty()) {
                        try (var connection = open.remove(random.nextInt(open.size()))) {
                            connection.commit();
                        }
                    }
                }
                default -> {
                    if (!ids.isEmpty()) {
                        set(ids.get(random.nextInt(ids.size())), states.get(random.nextInt(states.size())));
                    }
                }
            }
        }
        for (var connection : open) {
            connection.commit();
            connection.close();
        }
        jobs.refresh(ending::add);
        var atOnce = new ActiveJobs(jdbc);
        atOnce.refresh(id -> {});
        assertThat(jobs.waiting(Set.of(), Instant.now()))
                .containsExactlyInAnyOrderElementsOf(atOnce.waiting(Set.of(), Instant.now()));
        assertThat(jobs.running()).containsExactlyInAnyOrderElementsOf(atOnce.running());
        assertThat(jobs.running()).isNotEmpty();
    }

    @Test
    void whatIsReadAheadIsFoundByTheFirstReadingWithWhatCameSince() {
        var waiting = job("waiting", "QUEUED");
        var stopping = job("stopping", "STOPPING");
        var stopped = job("stopped meanwhile", "QUEUED");

        jobs.readAhead();
        set(stopped, "STOPPING");
        jobs.refresh(ending::add);

        assertThat(waiting()).containsExactly(waiting);
        assertThat(ending).contains(stopping, stopped);
    }

    @Test
    void aDatabaseThatIsAwayAheadIsReadByTheFirstReading() {
        jdbc.sql("alter table jobs rename to hidden").update();
        jobs.readAhead();
        assertThatThrownBy(() -> jobs.refresh(ending::add)).isInstanceOf(DataAccessException.class);
        jdbc.sql("alter table hidden rename to jobs").update();
        var waiting = job("waiting", "QUEUED");

        jobs.refresh(ending::add);

        assertThat(waiting()).containsExactly(waiting);
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
    }

    private void set(JobId id, String state) {
        jdbc.sql("update jobs set state = :state where id = :id")
                .param("state", state)
                .param("id", id.value())
                .update();
    }

    private static void set(Connection connection, JobId id, String state) throws SQLException {
        try (var statement = connection.prepareStatement("update jobs set state = ? where id = ?")) {
            statement.setString(1, state);
            statement.setObject(2, id.value());
            statement.executeUpdate();
        }
    }
}
