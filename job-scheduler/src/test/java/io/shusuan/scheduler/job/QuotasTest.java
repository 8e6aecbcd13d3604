package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.postgres.TestDatabase;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.sharing.QueueSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Jobs in queues that share 16 cores. */
class QuotasTest {

    private static final String WAIT = "exec sleep 1000";

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

    private static void cohort(String name) {
        platform.cohort(name);
    }

    private static void queue(String name, @Nullable String cohort, int cores) {
        platform.queue(name, cohort, cores, Preemption.NONE, QueueSettings.USUAL_GRACE);
    }

    private static JobId submit(String name, String queue, int cores) {
        return platform.submit(text(name, "training", cores, WAIT) + "queue: " + queue + "\n");
    }

    @Test
    void aQueueGetsNoMoreThanItsQuotaAndSaysWhoHasIt() {
        queue("small", null, 4);
        var first = submit("first", "small", 3);
        platform.reaches(first, JobState.RUNNING);
        var second = submit("second", "small", 2);
        assertThat(platform.waitsBecause(second, "WaitingForQuota").message())
                .isEqualTo("asks for 2 CPU; of the quota of queue small 1 are free; held by small 3");
        assertThat(platform.waitsBecause(submit("never", "small", 5), "ExceedsMaxQuota")
                        .message())
                .contains("queue small allows 4 at most");
        platform.reaches(submit("elsewhere", "default", 8), JobState.RUNNING);
        platform.control().stop(first, "ada");
        platform.reaches(second, JobState.RUNNING);
    }

    @Test
    void queuesOfACohortLendWhatTheyDoNotUseAndOthersHaveNoneOfIt() {
        cohort("research");
        queue("vision", "research", 4);
        queue("speech", "research", 4);
        platform.reaches(submit("borrows", "vision", 7), JobState.RUNNING);
        platform.waitsBecause(submit("late", "speech", 2), "WaitingForQuota");
        queue("alone", null, 2);
        platform.waitsBecause(submit("alone", "alone", 3), "ExceedsMaxQuota");
    }

    /** Both borrow five cores of eight, so one after the other; without former use, who came first. */
    @Test
    void whoHasBorrowedMuchOfLateStandsBehindWhoHasNot() {
        cohort("over-time");
        queue("owns", "over-time", 8);
        queue("heavy", "over-time", 1);
        queue("light", "over-time", 1);
        platform.bean(JdbcClient.class).sql("""
                        insert into holdings (job_id, run, job_name, owner, queue, flavour, milli_cpus, memory_mib, gpus, began, ended)
                        values (gen_random_uuid(), 1, 'former', 'ada', 'heavy', 'default', 9000, 64, 0,
                                now() - interval '2 days', now() - interval '1 hour')""").update();
        platform.restart(); // what is known of former use may be a minute old
        var loop = platform.bean(SchedulerLoop.class);
        loop.stop();
        var heavy = submit("heavy", "heavy", 6);
        var light = submit("light", "light", 6);

        loop.start();

        platform.reaches(light, JobState.RUNNING);
        platform.waitsBecause(heavy, "WaitingForQuota");
    }

    @Test
    void theNodesOfAJobAreKeptWithIt() {
        var id = submit("kept", "default", 1);
        assertThat(platform.reaches(id, JobState.RUNNING).placement())
                .singleElement()
                .hasToString("Placed[role=role0, flavour=default, node=local, tasks=1]");
        platform.control().stop(id, "ada");
        assertThat(platform.ended(id).placement()).isEmpty();
    }

    @Test
    void aPriorityIsWorthTenMinutesOfWaiting() {
        var all = submit("all", "default", 16);
        platform.reaches(all, JobState.RUNNING);
        var plain = submit("plain", "default", 16);
        var urgent = platform.submit(text("urgent", "training", 16, "true") + "priority: 1\n");
        var waited = platform.submit(text("waited", "training", 16, "true"));
        platform.bean(JdbcClient.class)
                .sql("update jobs set created_at = created_at - interval '11 minutes', state = state where id = :id")
                .param("id", waited.value())
                .update();
        platform.restart();
        platform.waitsBecause(plain, "WaitingForTurn");
        platform.control().stop(all, "ada");
        platform.ended(urgent);
        platform.reaches(plain, JobState.RUNNING);
        assertThat(platform.job(waited).admittedAt())
                .isBefore(platform.job(urgent).admittedAt());
        assertThat(platform.job(urgent).admittedAt())
                .isBefore(platform.job(plain).admittedAt());
    }
}
