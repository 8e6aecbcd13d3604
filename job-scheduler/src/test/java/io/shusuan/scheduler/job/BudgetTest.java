package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Moment;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Reclaim;
import io.shusuan.scheduler.sharing.Budget;
import io.shusuan.scheduler.sharing.QueueMaker;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.SharingControl;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** GPU-hours of a month, on a machine with two GPUs. */
class BudgetTest extends OnePlatformEach {

    @Override
    TestPlatform open() {
        return TestPlatform.on(database, home, 2);
    }

    private void budget(@Nullable String ofQueue, @Nullable String ofUser) {
        platform.bean(SharingControl.class).change(settings("team", ofQueue, ofUser), false, "root");
    }

    private static QueueSettings settings(String queue, @Nullable String ofQueue, @Nullable String ofUser) {
        return QueueMaker.queue(queue)
                .preempting(new Preemption(true, Reclaim.NONE, false, Duration.ZERO))
                .budget(new Budget(number(ofQueue), number(ofUser)))
                .make();
    }

    private static @Nullable BigDecimal number(@Nullable String hours) {
        return hours == null ? null : new BigDecimal(hours);
    }

    /**
     * Many GPUs for a moment, so that the first hours of a month are no special case; and some seconds ago, so that a cycle that had
     * begun before counts all of it.
     */
    private void spent(String user, int gpuHours) {
        platform.bean(JdbcClient.class)
                .sql("""
                        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began, ended)
                        values (gen_random_uuid(), 1, 'earlier', :user, 'team', 'default', 0, 0, 3600 * :hours,
                                now() - interval '6 seconds', now() - interval '5 seconds')""")
                .param("user", user)
                .param("hours", gpuHours)
                .update();
    }

    private void holds(String queue, String since) {
        platform.bean(JdbcClient.class)
                .sql("""
                        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began)
                        values (gen_random_uuid(), 1, 'goes-on', 'bob', :queue, 'default', 0, 0, 1, cast(:since as timestamptz))""")
                .param("queue", queue)
                .param("since", since)
                .update();
    }

    private boolean mayBegin(Spending spending, String queue, String at) throws Exception {
        var spec =
                platform.submissions().check(asks("asked", 1).getBytes(UTF_8)).spec();
        var now = Instant.parse(at);
        var job = new Waiting(
                JobId.next(),
                new QueueName(queue),
                "ada",
                0,
                new Moment(now.toEpochMilli()),
                Asks.of(spec),
                null,
                null,
                null);
        var shares = platform.bean(SharingControl.class).read();
        return spending.hold(List.of(job), Set.of(), shares, now).getFirst().hold() == null;
    }

    private static String asks(String name, int gpus) {
        return asks(name, gpus, "exec sleep 1000");
    }

    private static String asks(String name, int gpus, String command) {
        return text(name, "training", 1, command).replace("gpuNumber: 0", "gpuNumber: " + gpus) + "queue: team\n";
    }

    private JobId submit(String user, String name, int gpus) {
        return submit(user, asks(name, gpus));
    }

    private JobId submit(String user, String text) {
        return platform.submissions()
                .submit(new Submission(text.getBytes(UTF_8), "application/yaml", user, null))
                .id();
    }

    @Test
    void aQueueThatHasSpentItsBudgetBeginsNothingWithGpusUntilTheNextMonth() throws Exception {
        spent("bob", 10);
        budget("10", null);
        var held = submit("ada", "held", 1);
        assertThat(platform.waitsBecause(held, "BudgetSpent").message())
                .matches(
                        "the budget of queue team for \\d{4}-\\d\\d, 10 GPU-hours, is spent; it begins anew on \\d{4}-\\d\\d-01");
        assertThat(check(1))
                .isInstanceOfSatisfying(
                        JobCheck.Verdict.Later.class,
                        later -> assertThat(later.reason()).isEqualTo("BudgetSpent"));
        platform.reaches(submit("ada", "without", 0), JobState.RUNNING);

        budget("10.5", null);
        platform.reaches(held, JobState.RUNNING);
    }

    private JobCheck.Verdict check(int gpus) throws Exception {
        return platform.bean(JobCheck.class)
                .check(asks("asked", gpus).getBytes(UTF_8), "ada")
                .verdict();
    }

    @Test
    void whoCanNeverRunIsToldThatAndNotToWaitForTheNextMonth() throws Exception {
        spent("bob", 10);
        budget("10", null);
        assertThat(check(3)).isInstanceOfSatisfying(JobCheck.Verdict.Never.class, never -> {
            assertThat(never.reason()).isEqualTo("NoMatchingNode");
            assertThat(never.changes()).containsExactly(new JobCheck.Change("taskRoles[0].gpuNumber", 2));
        });
    }

    private List<String> preview(@Nullable String ofQueue) throws Exception {
        return platform.bean(WhatIf.class).changed(settings("team", ofQueue, null)).effects().stream()
                .map(effect -> "%s %s %s".formatted(effect.name(), effect.before(), effect.after()))
                .toList();
    }

    @Test
    void aPreviewKnowsWhomANewBudgetLetsBeginAndWhomItHoldsBack() throws Exception {
        spent("bob", 10);
        budget("10", null);
        platform.waitsBecause(submit("ada", "job", 2), "BudgetSpent");
        assertThat(preview("10.5")).containsExactly("job WAITS RUNS");
        assertThat(preview(null)).containsExactly("job WAITS RUNS");
        assertThat(preview("9")).isEmpty();
    }

    @Test
    void aPreviewCallsWhatWaitsForTheNextMonthNoWaitForEver() throws Exception {
        spent("bob", 10);
        budget(null, null);
        platform.reaches(submit("ada", "first", 2), JobState.RUNNING);
        platform.waitsBecause(submit("ada", "second", 2), "WaitingForCapacity");
        assertThat(preview("10")).isEmpty();
    }

    @Test
    void whoWasEvictedGoesOnAndWhoeverOthersLeftForBegins() throws Exception {
        budget(null, null);
        var evicted = submit("ada", asks("evicted", 2, """
                trap 'until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done; exit 0' TERM
                touch $SHUSUAN_ARTIFACTS/here
                while :; do sleep 0.02; done"""));
        platform.awaitFile(evicted, "here");
        var urgent = submit("ada", asks("urgent", 2) + "priority: 1\n");
        platform.reaches(evicted, JobState.STOPPING);
        spent("bob", 10);
        budget("10", null);
        platform.waitsBecause(submit("ada", "late", 1), "BudgetSpent");
        assertThat(platform.job(urgent).reason()).isEqualTo("WaitingForPreempted");

        Files.createFile(platform.artifacts(evicted).resolve("leave"));
        platform.reaches(urgent, JobState.RUNNING);
        assertThat(platform.reaches(evicted, JobState.QUEUED).run()).isEqualTo(2);
        platform.waitsBecause(evicted, "WaitingForCapacity");
        platform.control().stop(urgent, "ada");
        platform.reaches(evicted, JobState.RUNNING);
    }

    @Test
    void whatGoesOnIsOfTheMonthInWhichItWasHeld() throws Exception {
        budget("3.99", null);
        holds("team", "2026-01-31T20:00:00Z");
        var spending = new Spending(platform.bean(JdbcClient.class));
        assertThat(mayBegin(spending, "team", "2026-01-31T23:58:00Z")).isTrue();
        assertThat(mayBegin(spending, "team", "2026-01-31T23:59:59Z")).isFalse();
        assertThat(mayBegin(spending, "team", "2026-02-01T00:00:00Z")).isTrue();
        assertThat(mayBegin(spending, "team", "2026-02-01T03:59:00Z")).isTrue();
        assertThat(mayBegin(spending, "team", "2026-02-01T04:00:00Z")).isFalse();
    }

    @Test
    void anotherQueueThatIsGivenABudgetIsKnownAtOnce() throws Exception {
        var now = "2026-02-01T05:00:00Z";
        holds("lab", "2026-02-01T00:00:00Z");
        budget("4", null);
        var spending = new Spending(platform.bean(JdbcClient.class));
        assertThat(mayBegin(spending, "team", now)).isTrue();
        assertThat(mayBegin(spending, "lab", now)).isTrue();
        platform.bean(SharingControl.class).change(settings("lab", "4", null), false, "root");
        assertThat(mayBegin(spending, "lab", now)).isFalse();
        assertThat(mayBegin(spending, "team", now)).isTrue();
    }

    @Test
    void aUserWhoHasSpentTheirsLeavesThatOfOthersAlone() {
        spent("ada", 10);
        budget(null, "10");
        assertThat(platform.waitsBecause(submit("ada", "hers", 1), "BudgetSpent")
                        .message())
                .startsWith("the budget of ada in queue team for ");
        platform.reaches(submit("bob", "his", 1), JobState.RUNNING);
    }
}
