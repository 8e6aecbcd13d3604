package io.shusuan.scheduler.job;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.ObservedTasks;
import io.shusuan.db.job.ObservedTasks.SeenAttempt;
import io.shusuan.db.job.ObservedTasks.SeenTask;
import io.shusuan.db.job.Task;
import io.shusuan.db.job.TaskAttempt;
import io.shusuan.db.job.TaskAttempts;
import io.shusuan.db.job.TaskState;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionTemplate;

/** The tasks of a job that does not run, since its queue is held: whoever is seen, this test says. */
class ObservedTasksTest extends OnePlatformEach {

    private static final Instant AT = Instant.parse("2026-11-27T10:00:00.123456Z");

    private ObservedTasks observed;
    private JobId job;

    @BeforeEach
    void begin() {
        platform.bean(QueueControl.class).become(new QueueName("default"), QueueState.HELD, true, "root");
        observed = platform.bean(ObservedTasks.class);
        job = platform.submit("""
                jobName: seen
                taskRoles:
                - {name: a, taskNumber: 3, cpuNumber: 1, memoryMB: 64, command: 'true'}
                - {name: b, taskNumber: 1, cpuNumber: 1, memoryMB: 64, command: 'true'}
                """);
    }

    /** Whether there was anything new of the one job. */
    private boolean written(Supplier<Set<JobId>> work) {
        var news = requireNonNull(platform.bean(TransactionTemplate.class).execute(status -> work.get()));
        assertThat(news).isSubsetOf(job);
        return !news.isEmpty();
    }

    private void write(Runnable work) {
        platform.bean(TransactionTemplate.class).executeWithoutResult(status -> work.run());
    }

    private SeenAttempt attempt(String uid, int index, String state, @Nullable Integer exitCode) {
        return new SeenAttempt(
                job,
                uid,
                "a",
                index,
                1,
                1,
                new TaskAttempt.Report(
                        state, "n1", List.of("http=h:1", "PORT_1=h:2"), exitCode, null, "it's \"so\"", AT, null));
    }

    private List<String> tasks() {
        return platform.tasks(job).stream()
                .map(task -> task.name() + " " + task.state() + (task.ready() ? " ready" : "")
                        + (task.message() == null ? "" : " " + task.message()))
                .toList();
    }

    @Test
    void attemptsAreWrittenOnceAndOnlyWhenTheyDiffer() {
        var begun = List.of(attempt("x", 0, "RUNNING", null), attempt("y", 1, "PENDING", null));
        assertThat(written(() -> observed.attempts(begun))).isTrue();
        assertThat(written(() -> observed.attempts(begun))).isFalse();
        assertThat(written(() -> observed.attempts(List.of()))).isFalse();
        var ended = attempt("x", 0, "FAILED", 3);
        assertThat(written(() -> observed.attempts(List.of(ended, begun.getLast()))))
                .isTrue();
        assertThat(platform.bean(TaskAttempts.class).of(job))
                .extracting(TaskAttempt::uid, TaskAttempt::index, TaskAttempt::report)
                .containsExactly(
                        tuple("x", 0, ended.report()),
                        tuple("y", 1, begun.getLast().report()));
    }

    @Test
    void endpointsMayBeNone() {
        var report = new TaskAttempt.Report("PENDING", null, List.of(), null, null, null, null, null);
        var seen = new SeenAttempt(job, "x", "b", 0, 1, 1, report);
        assertThat(written(() -> observed.attempts(List.of(seen)))).isTrue();
        assertThat(platform.bean(TaskAttempts.class).of(job))
                .extracting(TaskAttempt::report)
                .containsExactly(report);
    }

    @Test
    void tasksAreAsTheirNewestAttempts() {
        var seen = List.of(
                new SeenTask(job, "a", 1, TaskState.RUNNING, true, null),
                new SeenTask(job, "b", 0, TaskState.FAILED, false, "no"));
        assertThat(written(() -> observed.tasks(seen))).isTrue();
        assertThat(written(() -> observed.tasks(seen))).isFalse();
        assertThat(tasks()).containsExactly("a-0 WAITING", "a-1 RUNNING ready", "a-2 WAITING", "b-0 FAILED no");
        write(() -> observed.settle(List.of(job)));
        assertThat(tasks()).containsExactly("a-0 STOPPED", "a-1 STOPPED", "a-2 STOPPED", "b-0 FAILED no");
        write(() -> observed.reset(List.of(job)));
        assertThat(platform.tasks(job)).extracting(Task::state).containsOnly(TaskState.WAITING);
    }

    @Test
    void whoHasNoPartIsLeftOut() {
        write(() -> observed.leaveOut(job, Map.of("a", 2), "left out"));
        assertThat(tasks())
                .containsExactly("a-0 WAITING", "a-1 WAITING", "a-2 STOPPED left out", "b-0 STOPPED left out");
    }
}
