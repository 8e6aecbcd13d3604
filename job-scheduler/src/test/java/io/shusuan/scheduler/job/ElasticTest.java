package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.EvictionCause;
import io.shusuan.db.job.EvictionLog;
import io.shusuan.db.job.JobEvent;
import io.shusuan.db.job.JobEvents;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.Task;
import io.shusuan.db.job.TaskState;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Jobs that can do without some of their tasks, on 16 cores. */
class ElasticTest extends OnePlatformEach {

    private static final String SAYS_HOW_MANY =
            "echo $SHUSUAN_TASK_NUMBER >$SHUSUAN_ARTIFACTS/said-$SHUSUAN_TASK_INDEX";
    private static final String WAIT = "exec sleep 1000";

    private static String elastic(String name, int least, int tasks, String command) {
        return training(name, command)
                .replace("taskNumber: 1", "taskNumber: %d\n  minTaskNumber: %d".formatted(tasks, least));
    }

    private List<Task> tasks(JobId id, TaskState state) {
        return platform.tasks(id).stream().filter(task -> task.state() == state).toList();
    }

    private void holds(String name, int cores) {
        platform.reaches(platform.submit(TestPlatform.text(name, "training", cores, WAIT)), JobState.RUNNING);
    }

    @Test
    void beginsWithAsManyTasksAsThereIsRoomFor() throws Exception {
        holds("other", 10);
        var id = platform.submit(elastic("job", 2, 8, SAYS_HOW_MANY));
        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(tasks(id, TaskState.SUCCEEDED)).extracting(Task::index).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(tasks(id, TaskState.STOPPED))
                .extracting(Task::message)
                .containsExactly(
                        "left out: the job begins with 6 of its 8 tasks, since there was no room for more",
                        "left out: the job begins with 6 of its 8 tasks, since there was no room for more");
        assertThat(platform.events(id)).containsOnlyOnce("FewerTasks");
        assertThat(Files.readString(platform.artifacts(id).resolve("said-5"))).isEqualTo("6\n");
    }

    @Test
    void countsWithWhatItHas() {
        holds("other", 10);
        var id = platform.submit(elastic("job", 2, 8, WAIT));
        platform.reaches(id, JobState.RUNNING);
        assertThat(platform.bean(JdbcClient.class)
                        .sql("select sum(milli_cpus) from holdings where job_id = :id")
                        .param("id", id.value())
                        .query(Long.class)
                        .single())
                .isEqualTo(6000);
    }

    @Test
    void hasAllItsTasksWhereThereIsRoom() {
        var id = platform.submit(elastic("job", 1, 4, "true"));
        assertThat(platform.ended(id).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(tasks(id, TaskState.SUCCEEDED)).hasSize(4);
        assertThat(platform.events(id)).doesNotContain("FewerTasks");
    }

    @Test
    void waitsForTheFewestItCanBeginWith() {
        holds("other", 10);
        var id = platform.submit(elastic("job", 7, 8, WAIT));
        assertThat(platform.waitsBecause(id, "WaitingForCapacity").message())
                .contains("asks for 7 task(s)", "places for 6 such");
    }

    @Test
    void beginsAnewWithOtherNumbers() {
        holds("other", 10);
        var id = platform.submit(elastic("job", 2, 8, WAIT));
        platform.reaches(id, JobState.RUNNING);
        become(QueueState.STOPPED);
        platform.reaches(id, JobState.QUEUED);
        become(QueueState.OPEN);
        awaiting().until(() -> tasks(id, TaskState.RUNNING).size() == 6);
        platform.stopAll();
        var alone = platform.submit(elastic("alone", 2, 8, WAIT));
        awaiting().until(() -> tasks(alone, TaskState.RUNNING).size() == 8);
    }

    @Test
    void beginsAnewWithMoreWhenThatIsWanted() {
        var other = platform.submit(TestPlatform.text("other", "training", 10, WAIT));
        platform.reaches(other, JobState.RUNNING);
        var id = platform.submit("restartToGrow: true\n" + elastic("job", 2, 8, WAIT));
        platform.reaches(id, JobState.RUNNING);
        assertThat(tasks(id, TaskState.RUNNING)).hasSize(6);
        platform.control().stop(other, "test");
        platform.ended(other);

        platform.startedBefore(id, Duration.ofMinutes(10));

        awaiting().until(() -> tasks(id, TaskState.RUNNING).size() == 8);
        assertThat(platform.job(id).run()).isEqualTo(2);
        assertThat(platform.bean(EvictionLog.class).of(id))
                .singleElement()
                .satisfies(eviction -> assertThat(eviction.cause()).isEqualTo(EvictionCause.GROWTH));
        assertThat(platform.bean(JobEvents.class).of(id, 0, 100))
                .extracting(JobEvent::message)
                .contains("begins anew with 8 tasks instead of 6, since there is room for them");
    }

    private void become(QueueState state) {
        platform.bean(QueueControl.class).become(new QueueName("default"), state, true, "test");
    }

    @Test
    void goesOnAfterARestartWithTheTasksThatItHas() {
        holds("other", 10);
        var id = platform.submit(elastic("job", 2, 8, WAIT));
        platform.reaches(id, JobState.RUNNING);
        platform.restart();
        awaiting().until(() -> platform.job(id).state() == JobState.RUNNING);
        platform.control().stop(id, "test");
        assertThat(platform.ended(id).state()).isEqualTo(JobState.STOPPED);
        assertThat(tasks(id, TaskState.STOPPED)).hasSize(8);
    }

    @Test
    void theSmallestChangeIsToBeginWithFewer() throws Exception {
        var text = elastic("job", 20, 30, "true");
        var verdict =
                platform.bean(JobCheck.class).check(text.getBytes(UTF_8), "ada").verdict();
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        JobCheck.Verdict.Never.class,
                        never -> assertThat(never.changes())
                                .containsExactly(new JobCheck.Change("taskRoles[0].minTaskNumber", 16)));
    }
}
