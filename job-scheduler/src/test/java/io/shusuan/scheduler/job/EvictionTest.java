package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.JobEvent;
import io.shusuan.db.job.JobEvents;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.TaskState;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Reclaim;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.spec.SpecException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Real processes that have to leave for others, in queues that share 16 cores. */
class EvictionTest extends OnePlatformEach {

    private static final String WAIT = "exec sleep 1000";

    /** Goes on where its former run was told to end, and is done by then. */
    private static final String SAVES = """
            echo run >>$SHUSUAN_ARTIFACTS/runs
            [ -e $SHUSUAN_ARTIFACTS/saved ] && exit 0
            trap 'sleep 0.3; touch $SHUSUAN_ARTIFACTS/saved; exit 0' TERM
            touch $SHUSUAN_ARTIFACTS/here
            while :; do sleep 0.02; done""";

    private static final String IGNORES_TERM =
            "trap '' TERM; touch $SHUSUAN_ARTIFACTS/here; sleep 1000 & wait; sleep 1000";

    private static final Preemption RECLAIMS = new Preemption(false, Reclaim.ANY, false, Duration.ZERO);
    private static final Preemption PRIORITIES = new Preemption(true, Reclaim.NONE, false, Duration.ZERO);
    private static final Preemption FAIR = new Preemption(false, Reclaim.NONE, true, Duration.ZERO);
    private static final Preemption EVERYTHING = new Preemption(true, Reclaim.ANY, true, Duration.ZERO);

    @BeforeEach
    void begin() {
        platform.cohort("all");
    }

    private void queue(String name, int cores, Preemption preemption) {
        queue(name, cores, preemption, Duration.ofSeconds(20));
    }

    private void queue(String name, int cores, Preemption preemption, Duration grace) {
        platform.queue(name, "all", cores, preemption, grace);
    }

    private void become(String queue, QueueState state) {
        platform.bean(QueueControl.class).become(new QueueName(queue), state, true, "root");
    }

    private JobId submit(String name, String queue, int cores, int priority, String command) {
        return platform.submit(
                text(name, "training", cores, command) + "queue: %s%npriority: %d%n".formatted(queue, priority));
    }

    private JobId running(String name, String queue, int cores, String command) {
        var id = submit(name, queue, cores, 0, command);
        platform.reaches(id, JobState.RUNNING);
        return id;
    }

    private String cause(JobId id) {
        return sql().sql("select cause from evictions where job_id = :id order by run desc limit 1")
                .param("id", id.value())
                .query(String.class)
                .single();
    }

    private long evictions() {
        return sql().sql("select count(*) from evictions").query(Long.class).single();
    }

    private List<@Nullable String> accounts(JobId id) {
        return sql().sql("""
                        select 'run ' || run || ' held ' || milli_cpus || case when ended is null then ' still' else ' over' end
                          from holdings where job_id = :id order by run""").param("id", id.value()).query(String.class).list();
    }

    private JdbcClient sql() {
        return platform.bean(JdbcClient.class);
    }

    private String told(JobId id, String reason) {
        return platform.bean(JobEvents.class).of(id, 0, 1000).stream()
                .filter(event -> event.reason().equals(reason))
                .map(JobEvent::message)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatWasLentIsTakenBackAndTheBorrowerGoesOnLaterWhereItStopped() throws Exception {
        queue("owner", 16, RECLAIMS);
        queue("borrower", 0, Preemption.NONE);
        var borrows = running("borrows", "borrower", 12, SAVES);
        platform.awaitFile(borrows, "here");
        var behind = submit("behind", "borrower", 12, 0, WAIT);
        var own = submit("own", "owner", 10, 0, WAIT);
        platform.reaches(own, JobState.RUNNING);
        assertThat(Files.exists(platform.artifacts(borrows).resolve("saved"))).isTrue(); // it had its grace
        var waits = platform.reaches(borrows, JobState.QUEUED);
        assertThat(waits.run()).isEqualTo(2);
        assertThat(waits.startedAt()).isNull();
        assertThat(platform.tasks(borrows).getFirst().state()).isEqualTo(TaskState.WAITING);
        assertThat(cause(borrows)).isEqualTo("RECLAIM");
        assertThat(told(borrows, "Evicted"))
                .isEqualTo(
                        "evicted for job own: queue owner takes back what is its own and queue borrower had borrowed");
        assertThat(told(own, "Preempts")).contains("1 job(s) leave for it", "borrows of queue borrower");
        platform.control().stop(own, "ada");
        assertThat(platform.ended(borrows).state()).isEqualTo(JobState.SUCCEEDED); // before who came after it
        assertThat(platform.runs(borrows)).isEqualTo(2);
        platform.reaches(behind, JobState.RUNNING);
        assertThat(accounts(borrows)).containsExactly("run 1 held 12000 over", "run 2 held 12000 over");
        assertThat(accounts(behind)).containsExactly("run 1 held 12000 still");
        assertThat(sql().sql(
                                "select queue || ' lost it to ' || preemptor_name || ' of ' || preemptor_queue from evictions")
                        .query(String.class)
                        .single())
                .isEqualTo("borrower lost it to own of owner");
        assertThat(platform.events(borrows))
                .containsSubsequence("Running", "Evicted", "Requeued", "Admitted", "Succeeded");
    }

    @Test
    void aHigherPriorityEvictsWithinAQueueThatAllowsIt() {
        queue("team", 16, PRIORITIES);
        var low = running("low", "team", 9, WAIT);
        var equal = submit("equal", "team", 9, 0, WAIT);
        platform.waitsBecause(equal, "WaitingForQuota");
        var high = submit("high", "team", 9, 1, WAIT);
        platform.reaches(high, JobState.RUNNING);
        assertThat(cause(low)).isEqualTo("LOWER_PRIORITY");
        assertThat(platform.reaches(low, JobState.QUEUED).run()).isEqualTo(2);
    }

    @Test
    void nobodyIsEvictedBeforeItsMinimumRun() {
        queue("owner", 16, RECLAIMS);
        queue("borrower", 0, new Preemption(false, Reclaim.NONE, false, Duration.ofSeconds(2)));
        var borrows = running("borrows", "borrower", 12, WAIT);
        var began = requireNonNull(platform.job(borrows).startedAt());
        platform.reaches(submit("own", "owner", 10, 0, WAIT), JobState.RUNNING);
        assertThat(sql().sql("select at from evictions")
                        .query((row, number) -> row.getTimestamp("at").toInstant())
                        .single())
                .isAfterOrEqualTo(began.plusSeconds(2));
    }

    @Test
    void whoIgnoresTermIsKilledAfterTheGraceOfItsQueue() {
        queue("owner", 16, RECLAIMS);
        queue("borrower", 0, Preemption.NONE, Duration.ZERO);
        var borrows = running("borrows", "borrower", 12, IGNORES_TERM);
        platform.awaitFile(borrows, "here");
        platform.reaches(submit("own", "owner", 10, 0, WAIT), JobState.RUNNING);
        platform.reaches(borrows, JobState.QUEUED);
    }

    @Test
    void whoStopsAJobWhileItLeavesEndsIt() {
        queue("owner", 16, RECLAIMS);
        queue("borrower", 0, Preemption.NONE, Duration.ofHours(1));
        var borrows = running("borrows", "borrower", 12, IGNORES_TERM);
        platform.awaitFile(borrows, "here");
        var own = submit("own", "owner", 10, 0, WAIT);
        assertThat(platform.reaches(borrows, JobState.STOPPING).reason()).isEqualTo("Evicted");
        platform.waitsBecause(own, "WaitingForPreempted");
        platform.control().stop(borrows, "ada");
        assertThat(platform.ended(borrows).state()).isEqualTo(JobState.STOPPED); // with the usual grace
        assertThat(platform.job(borrows).message()).isEqualTo("stopped by ada");
        platform.reaches(own, JobState.RUNNING);
    }

    @Test
    void anEvictionThatWasCutOffIsFinishedByWhoeverSchedulesNext() throws Exception {
        queue("owner", 16, RECLAIMS);
        queue("borrower", 0, Preemption.NONE);
        var borrows = running("borrows", "borrower", 12, """
                echo run >>$SHUSUAN_ARTIFACTS/runs
                trap 'touch $SHUSUAN_ARTIFACTS/term' TERM
                touch $SHUSUAN_ARTIFACTS/here
                until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done""");
        platform.awaitFile(borrows, "here");
        var own = submit("own", "owner", 10, 0, WAIT);
        platform.awaitFile(borrows, "term");
        platform.restart();
        platform.waitsBecause(own, "WaitingForPreempted");
        Files.createFile(platform.artifacts(borrows).resolve("leave"));
        platform.reaches(own, JobState.RUNNING);
        platform.reaches(borrows, JobState.QUEUED);
        platform.control().stop(own, "ada");
        assertThat(platform.ended(borrows).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(platform.runs(borrows)).isEqualTo(2);
        assertThat(evictions()).isEqualTo(1);
    }

    /** As when its end was not seen yet, and it was told to leave so much later. */
    private void evicted(JobId id, Duration later) {
        sql().sql("""
                        update jobs set state = 'STOPPING', ending_as = 'QUEUED', version = version + 1,
                                        evicted_at = finished_at + make_interval(secs => :later),
                                        placement = '[{"role": "role0", "flavour": "default", "node": "local", "tasks": 1}]'
                         where id = :id""").param("id", id.value()).param("later", later.toSeconds()).update();
    }

    @Test
    void whoWasDoneLongBeforeItWasToldToLeaveHasSucceeded() throws Exception {
        queue("team", 16, Preemption.NONE);
        var done = submit("done", "team", 1, 0, "echo run >>$SHUSUAN_ARTIFACTS/runs");
        var saved = submit("saved", "team", 1, 0, "echo run >>$SHUSUAN_ARTIFACTS/runs");
        platform.ended(done);
        platform.ended(saved);
        evicted(done, Duration.ofMinutes(1));
        evicted(saved, Duration.ofSeconds(1));
        platform.restart();
        assertThat(platform.ended(done).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(platform.ended(saved).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(platform.runs(done)).isEqualTo(1);
        assertThat(platform.runs(saved)).isEqualTo(2);
    }

    @Test
    void aStoppedQueueGivesBackWhatItHoldsAndGoesOnWhenItIsResumed() throws Exception {
        queue("team", 16, Preemption.NONE);
        var saves = running("saves", "team", 4, SAVES);
        platform.awaitFile(saves, "here");
        assertThatThrownBy(() -> platform.bean(QueueControl.class)
                        .become(new QueueName("team"), QueueState.STOPPED, false, "root"))
                .isInstanceOf(SharingRefusedException.class)
                .hasMessageContaining("1 job(s) of queue team run");
        become("team", QueueState.STOPPED);
        assertThat(platform.waitsBecause(saves, "OnHold").message())
                .isEqualTo("queue team is stopped: an administrator must resume it");
        assertThat(cause(saves)).isEqualTo("QUEUE_STOPPED");
        var late = submit("late", "team", 1, 0, "true");
        assertThat(platform.job(late).reason()).isEqualTo("OnHold");
        become("team", QueueState.OPEN);
        assertThat(platform.ended(saves).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(platform.runs(saves)).isEqualTo(2);
        assertThat(platform.ended(late).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aDrainedQueueTakesNothingAndWhatRunsGoesOn() {
        queue("team", 4, Preemption.NONE);
        var runs = running("runs", "team", 2, WAIT);
        become("team", QueueState.DRAINED);
        assertThatThrownBy(() -> submit("late", "team", 1, 0, "true"))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("queue 'team' is drained: it takes no jobs");
        platform.ended(submit("elsewhere", "default", 1, 0, "true"));
        assertThat(platform.job(runs).state()).isEqualTo(JobState.RUNNING);
        become("team", QueueState.OPEN);
        platform.ended(submit("now", "team", 1, 0, "true"));
    }

    /** Two queues with equal rights to the same cores, which both may evict for their share; each has more to run than that. */
    @Test
    void whoHasItsShareIsLeftAlone() {
        queue("one", 0, FAIR);
        queue("other", 0, FAIR);
        queue("lends", 16, Preemption.NONE);
        var ones = IntStream.range(0, 8)
                .mapToObj(i -> submit("one" + i, "one", 2, 0, WAIT))
                .toList();
        awaiting().until(() -> running(ones) == 8);
        var others = IntStream.range(0, 8)
                .mapToObj(i -> submit("other" + i, "other", 2, 0, WAIT))
                .toList();
        awaiting().until(() -> running(ones) == 4 && running(others) == 4);
        var before = evictions();
        cycles(50);
        assertThat(running(ones)).isEqualTo(4);
        assertThat(running(others)).isEqualTo(4);
        assertThat(evictions()).isEqualTo(before);
        // Four have to go; one more may, for what is kept meanwhile for the first of those who went.
        assertThat(before).isBetween(4L, 8L);
    }

    /** Everybody may evict everybody at once, without a minimum run, while jobs come and go: each arrival costs its evictions once. */
    @Test
    void whateverComesAndGoesEvictionsEnd() {
        queue("one", 6, EVERYTHING, Duration.ZERO);
        queue("two", 6, EVERYTHING, Duration.ZERO);
        queue("three", 4, EVERYTHING, Duration.ZERO);
        var random = new Random(20261125);
        var all = new ArrayList<JobId>();
        for (var i = 0; i < 30; i++) {
            var queue = List.of("one", "two", "three").get(random.nextInt(3));
            var id = submit("job" + i, queue, 1 + random.nextInt(6), random.nextInt(3), WAIT);
            awaiting()
                    .until(() -> platform.job(id).state() != JobState.QUEUED
                            || platform.job(id).reason() != null);
            all.add(id);
            if (random.nextInt(4) == 0) {
                platform.control().stop(all.remove(random.nextInt(all.size())), "ada");
            }
        }
        awaiting().until(() -> evictionsIn(40) == 0);
        assertThat(evictionsIn(100)).isZero();
        assertThat(evictions()).isBetween(1L, 60L);
    }

    /** How many are evicted while the queue decides so many times more. */
    private long evictionsIn(int cycles) {
        var before = evictions();
        cycles(cycles);
        return evictions() - before;
    }

    private long running(List<JobId> ids) {
        return ids.stream()
                .filter(id -> platform.job(id).state() == JobState.RUNNING)
                .count();
    }

    /** Lets the queue decide so many times more. */
    private void cycles(int more) {
        var timer =
                platform.bean(MeterRegistry.class).get("shusuan.queue.cycle").timer();
        var now = timer.count();
        awaiting().until(() -> {
            platform.bean(SchedulerLoop.class).changed(new QueueChanged(QueueName.DEFAULT));
            return timer.count() >= now + more;
        });
    }
}
