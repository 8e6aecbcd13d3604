package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.submission;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.Condition;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Jobs;
import io.shusuan.db.job.TaskState;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.spec.SpecException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A job from its text to its end. */
class JobLifecycleTest {

    private static final String WAIT = "touch $SHUSUAN_ARTIFACTS/here; exec sleep 1000";
    private static final String ALL_CORES = text("all", "training", 16, WAIT);

    @TempDir
    static Path home;

    private static TestDatabase database;
    private static TestPlatform platform;

    @BeforeAll
    static void start() {
        database = TestDatabase.migrated();
        platform = TestPlatform.on(database, home);
    }

    @AfterAll
    static void end() throws Exception {
        platform.close();
        database.close();
    }

    @AfterEach
    void stopAll() {
        platform.stopAll();
    }

    @Test
    void aSchedulerThatWasStoppedSchedulesWhenItIsStartedAgain() {
        platform.pause();
        assertThat(platform.ended(platform.submit(training("after-a-pause", "true")))
                        .state())
                .isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aTrainingJobRunsAndSucceeds() throws Exception {
        var id = platform.submit(training("good", "echo $GREETING >$SHUSUAN_ARTIFACTS/said"));
        var job = platform.ended(id);
        assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.createdAt()).isBeforeOrEqualTo(job.admittedAt());
        assertThat(job.startedAt()).isBeforeOrEqualTo(job.finishedAt());
        assertThat(Files.readString(platform.artifacts(id).resolve("said"))).isEqualTo("hello ada\n");
        assertThat(platform.tasks(id))
                .singleElement()
                .satisfies(task -> assertThat(task.state()).isEqualTo(TaskState.SUCCEEDED));
        assertThat(platform.events(id))
                .startsWith("Submitted", "Admitted", "Starting")
                .endsWith("Succeeded");
    }

    @Test
    void aTaskThatFailsStopsItsGangAndFailsTheJobWithItsExitCode() {
        var id = platform.submit(
                training("bad", "until [ -e $SHUSUAN_ARTIFACTS/here ]; do sleep 0.02; done; exit 42", WAIT));
        var job = platform.ended(id);
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.reason()).isEqualTo("TaskFailed");
        assertThat(job.message()).isEqualTo("task role0-0: ended with exit code 42");
        assertThat(platform.tasks(id))
                .extracting(task -> task.state())
                .containsExactly(TaskState.FAILED, TaskState.STOPPED);
    }

    @Test
    void aJobCanBeStoppedInEveryState() {
        var running = platform.submit(ALL_CORES);
        platform.reaches(running, JobState.RUNNING);
        var queued = platform.submit(training("queued", "true"));
        platform.waitsBecause(queued, "WaitingForCapacity");
        platform.control().stop(queued, "ada");
        assertThat(platform.job(queued).state()).isEqualTo(JobState.STOPPED);
        platform.control().stop(running, "ada");
        platform.control().stop(running, "ada");
        assertThat(platform.ended(running).state()).isEqualTo(JobState.STOPPED);
        platform.control().stop(running, "ada");
        assertThat(platform.job(running).message()).isEqualTo("stopped by ada");
        for (var round = 0; round < 15; round++) {
            // Wherever it is just now: admitted, handed over, starting.
            var id = platform.submit(training("early", WAIT));
            var state = List.of(JobState.ADMITTED, JobState.STARTING, JobState.RUNNING)
                    .get(round % 3);
            awaiting().until(() -> platform.job(id).state().compareTo(state) >= 0);
            platform.control().stop(id, "ada");
            assertThat(platform.ended(id).state()).isEqualTo(JobState.STOPPED);
        }
    }

    @Test
    void anActiveNameIsTakenAndAnEndedOneIsFree() {
        var first = platform.submit(training("name", WAIT));
        assertThatThrownBy(() -> platform.submit(training("name", "true")))
                .isInstanceOfSatisfying(
                        NameTakenException.class,
                        taken -> assertThat(taken.holder()).isEqualTo(first));
        platform.control().stop(first, "ada");
        platform.ended(first);
        assertThat(platform.ended(platform.submit(training("name", "true"))).state())
                .isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aKeyedSubmissionRepeatedAndRacedIsOneJob() throws Exception {
        var text = training("keyed", "echo run >>$SHUSUAN_ARTIFACTS/runs");
        Set<JobId> made = ConcurrentHashMap.newKeySet();
        Set<Boolean> firsts = ConcurrentHashMap.newKeySet();
        var racers = IntStream.range(0, 16)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    var accepted = platform.submissions().submit(submission(text, "key"));
                    made.add(accepted.id());
                    firsts.add(accepted.repeated());
                }))
                .toList();
        for (var racer : racers) {
            racer.join();
        }
        assertThat(made).hasSize(1);
        assertThat(firsts).containsExactlyInAnyOrder(true, false);
        var id = made.iterator().next();
        platform.ended(id);
        assertThat(platform.submissions().submit(submission(text, "key"))).satisfies(again -> {
            assertThat(again.id()).isEqualTo(id);
            assertThat(again.repeated()).isTrue();
        });
        assertThat(platform.runs(id)).isEqualTo(1);
        assertThatThrownBy(() -> platform.submissions().submit(submission(training("keyed", "false"), "key")))
                .isInstanceOf(KeyReusedException.class);
        var others = new Submission(text.getBytes(UTF_8), "application/yaml", "grace", "key");
        assertThat(platform.submissions().submit(others).id()).isNotEqualTo(id);
    }

    @Test
    void theArtifactsOfASucceededJobAreMounted() throws Exception {
        var mounting = training("use", "cat $SHUSUAN_MOUNT_MODEL/weights >$SHUSUAN_ARTIFACTS/seen")
                + "mounts:\n- {name: model, path: /model, artifacts: make}\n";
        assertThatThrownBy(() -> platform.submit(mounting)).isInstanceOf(SpecException.class);
        platform.ended(platform.submit(training("make", "echo one >$SHUSUAN_ARTIFACTS/weights")));
        var newest = platform.submit(training("make", "echo two >$SHUSUAN_ARTIFACTS/weights"));
        platform.ended(newest);
        var id = platform.submit(mounting);
        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(Files.readString(platform.artifacts(id).resolve("seen"))).isEqualTo("two\n");
        platform.control().delete(newest);
        var again = platform.submit(mounting); // of the one before it
        assertThat(platform.ended(again).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(Files.readString(platform.artifacts(again).resolve("seen"))).isEqualTo("one\n");
    }

    @Test
    void aHeldQueueTakesJobsAndAdmitsThemWhenItIsResumed() {
        var queue = new QueueName("nightly");
        platform.bean(QueueControl.class).create(queue, "root");
        platform.bean(QueueControl.class).become(queue, QueueState.HELD, false, "root");
        var id = platform.submit(training("held", "true") + "queue: nightly\n");
        assertThat(platform.job(id).reason()).isEqualTo("OnHold");
        assertThat(platform.ended(platform.submit(training("other", "true"))).state())
                .isEqualTo(JobState.SUCCEEDED);
        assertThat(platform.job(id).state()).isEqualTo(JobState.QUEUED);
        platform.bean(QueueControl.class).become(queue, QueueState.OPEN, false, "root");
        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aReasonIsTheSameAfterAQueueWasHeldForAMoment() {
        platform.reaches(platform.submit(ALL_CORES), JobState.RUNNING);
        var waiting = platform.submit(training("waiting", "true"));
        platform.waitsBecause(waiting, "WaitingForCapacity");
        for (var round = 0; round < 5; round++) {
            platform.bean(QueueControl.class).become(QueueName.DEFAULT, QueueState.HELD, false, "root");
            assertThat(platform.job(waiting).reason()).isEqualTo("OnHold");
            platform.bean(QueueControl.class).become(QueueName.DEFAULT, QueueState.OPEN, false, "root");
            platform.waitsBecause(waiting, "WaitingForCapacity");
        }
    }

    @Test
    void aJobThatFitsNowhereIsToldTheNumbersAndHoldsBackNobody() {
        var never = platform.submit(text("never", "training", 17, "true"));
        var job = platform.waitsBecause(never, "NoMatchingNode");
        assertThat(job.message()).contains("asks for 0 GPU, 17 CPU, 64 MB").contains("0 GPU, 16 CPU, 16384 MB");
        assertThat(platform.ended(platform.submit(training("next", "true"))).state())
                .isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void manyThatFitNowhereHoldBackNobodyEither() {
        var never = platform.submit(text("never", "training", 17, "true"));
        var sql = platform.bean(JdbcClient.class);
        sql.sql("""
                        insert into jobs (id, name, owner, queue, kind, state, priority, spec, spec_media_type,
                                          artifact_sources, milli_cpus, memory_mib, gpus, created_at, version)
                        select uuidv7(), name || n, owner, queue, kind, 'QUEUED', 1, spec, spec_media_type,
                               artifact_sources, milli_cpus, memory_mib, gpus, created_at, 0
                          from jobs, generate_series(1, :many) n where id = :id""").param("id", never.value()).param("many", 1000).update();
        sql.sql("""
                        insert into task_roles (job_id, ordinal, name, task_number, milli_cpus, memory_mib, gpus)
                        select j.id, 0, 'role0', 1, 17000, 64, 0 from jobs j
                         where not exists (select from task_roles r where r.job_id = j.id)""").update();
        assertThat(platform.ended(platform.submit(training("next", "true"))).state())
                .isEqualTo(JobState.SUCCEEDED);
        sql.sql("delete from jobs where name like 'never%'").update();
    }

    @Test
    void jobsAreAdmittedInTheOrderOfSubmission() {
        var all = platform.submit(ALL_CORES);
        platform.reaches(all, JobState.RUNNING);
        var line = IntStream.range(0, 5)
                .mapToObj(i -> platform.submit(text("line" + i, "training", 16, "true")))
                .toList();
        platform.waitsBecause(line.getLast(), "WaitingForTurn");
        platform.control().stop(all, "ada");
        line.forEach(platform::ended);
        assertThat(line.stream().map(id -> platform.job(id).admittedAt())).isSorted();
    }

    @Test
    void aServiceIsReadyIsAskedForItsReplicasAndStops() throws Exception {
        var id = platform.submit(
                text("serve", "inference", 1, "exec python3 -m http.server --bind $HOST $PORT", "exec sleep 1000"));
        awaiting()
                .until(() -> platform.bean(Replicas.class)
                                .of("serve")
                                .orElseThrow()
                                .endpoints()
                                .size()
                        == 1);
        // its second role never listens
        awaiting()
                .untilAsserted(
                        () -> assertThat(platform.job(id).message())
                                .matches(
                                        "1 of 2 tasks are ready; task role1-0: It runs, but nothing answers on port \\d+ yet\\."));
        assertThat(platform.job(id).state()).isEqualTo(JobState.STARTING);
        platform.control().stop(id, "ada");
        platform.ended(id);
        assertThat(platform.bean(Replicas.class).of("serve")).isEmpty();
    }

    @Test
    void aDeletedJobIsGoneWithItsTracesAndOnlyWhatHasEndedCanBeDeleted() throws Exception {
        var id = platform.submit(training("deleted", WAIT));
        platform.reaches(id, JobState.RUNNING);
        assertThatThrownBy(() -> platform.control().delete(id)).isInstanceOf(JobControl.StillActiveException.class);
        platform.control().stop(id, "ada");
        platform.ended(id);
        platform.control().delete(id);
        assertThat(platform.bean(Jobs.class).find(id)).isEmpty();
        assertThat(platform.artifacts(id)).doesNotExist();
        assertThat(platform.cluster().observe(id)).isEmpty();
        assertThatThrownBy(() -> platform.control().delete(id)).isInstanceOf(JobNotFoundException.class);
    }

    @Test
    void aClusterThatIsAwayIsAConditionAndPasses() throws Exception {
        var tasks = home.resolve("tasks");
        var aside = home.resolve("aside");
        Files.move(tasks, aside);
        Files.createFile(tasks);
        var id = platform.submit(training("patient", "true"));
        awaiting()
                .until(() -> Reconciler.CLUSTER_UNREACHABLE.equals(condition(id).reason()));
        assertThat(platform.job(id).state()).isEqualTo(JobState.ADMITTED);
        assertThat(condition(id).message()).startsWith("this machine cannot start tasks now");
        Files.delete(tasks);
        Files.move(aside, tasks);
        var job = platform.ended(id);
        assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(job.condition()).isNull();
    }

    private static Condition condition(JobId id) {
        return requireNonNull(platform.job(id).condition());
    }

    @Test
    void whoRunsUndisturbedIsLeftAlone() {
        var id = platform.submit(training("quiet", WAIT));
        platform.reaches(id, JobState.RUNNING);
        platform.awaitFile(id, "here");
        var timer = platform.bean(MeterRegistry.class).get("shusuan.reconcile").timer();
        var before = timer.count();
        // Another job lives a whole life meanwhile.
        platform.ended(platform.submit(training("busy", "true")));
        assertThat(timer.count() - before).isLessThan(30);
    }
}
