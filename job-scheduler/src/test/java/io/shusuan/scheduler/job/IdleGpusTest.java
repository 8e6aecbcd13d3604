package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.IdleWarning;
import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.notice.Notice;
import io.shusuan.db.notice.Notices;
import io.shusuan.scheduler.idle.GpuReading;
import io.shusuan.scheduler.idle.GpuReading.Gpu;
import io.shusuan.scheduler.idle.IdleLoop;
import io.shusuan.scheduler.job.TestPlatform.ToldReadings;
import io.shusuan.scheduler.sharing.IdlePolicy;
import io.shusuan.scheduler.sharing.IdlePolicy.Action;
import io.shusuan.scheduler.sharing.QueueMaker;
import io.shusuan.scheduler.sharing.SharingControl;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Jobs that hold GPUs and do not use them, on a machine with two. */
class IdleGpusTest extends OnePlatformEach {

    private final Instant agentStarted = Instant.now().minus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MILLIS);
    private final Instant anHourAgo = Instant.now().minus(Duration.ofHours(1)).truncatedTo(ChronoUnit.MILLIS);

    @Override
    TestPlatform open() {
        return TestPlatform.on(database, home, 2);
    }

    private void policy(Action action, Duration grace) {
        platform.bean(SharingControl.class)
                .change(
                        QueueMaker.queue("team")
                                .idle(new IdlePolicy(action, Duration.ofMinutes(30), grace))
                                .make(),
                        false,
                        "root");
    }

    /** A job with both GPUs that has been running for two hours. */
    private JobId running() {
        var text = text("idler", "training", 1, "exec sleep 1000").replace("gpuNumber: 0", "gpuNumber: 2");
        var id = platform.submissions()
                .submit(new Submission((text + "queue: team\n").getBytes(UTF_8), "application/yaml", "ada", null))
                .id();
        platform.reaches(id, JobState.RUNNING);
        platform.startedBefore(id, Duration.ofHours(2));
        return id;
    }

    private void sql(String statement, Object... values) {
        platform.bean(JdbcClient.class).sql(statement).params(values).update();
    }

    private static GpuReading reading(Instant agentStarted, Instant at, @Nullable Instant idleSince) {
        var gpu = new Gpu(idleSince, Set.of(), Set.of());
        return new GpuReading("local", agentStarted, at, Collections.nCopies(2, gpu));
    }

    /** An agent tells this now, and the platform looks. */
    private void told(@Nullable Instant idleSince) {
        told(reading(agentStarted, Instant.now(), idleSince));
    }

    private void told(GpuReading reading) {
        platform.bean(ToldReadings.class).told = List.of(reading);
        platform.bean(IdleLoop.class).run();
    }

    private @Nullable IdleWarning warning(JobId id) {
        return platform.job(id).idle();
    }

    /** Beside another change of the job a look leaves the warning to the next. */
    private IdleWarning warned(JobId id) {
        return Objects.requireNonNull(TestPlatform.awaiting()
                .until(
                        () -> {
                            if (warning(id) == null) {
                                platform.bean(IdleLoop.class).run();
                            }
                            return warning(id);
                        },
                        Objects::nonNull));
    }

    private long events(JobId id, String reason) {
        return platform.events(id).stream().filter(reason::equals).count();
    }

    private List<Notice> notices() {
        return platform.bean(Notices.class).of("ada", 10);
    }

    @Test
    void aJobIsWarnedOnceOverRestartsAndNotAnyMoreWhenItWorksAgain() {
        policy(Action.WARN, Duration.ZERO);
        var id = running();
        told(anHourAgo);

        var warning = warned(id);
        assertThat(warning.since()).isEqualTo(anHourAgo);
        assertThat(warning.stopsAt()).isNull();
        assertThat(warning.message())
                .matches(
                        "its 2 GPU\\(s\\) on local have done nothing for (59|60) min \\(utilization 0 %\\), and queue team"
                                + " allows 30 min; end a job .*");
        told(anHourAgo);
        platform.restart();
        platform.reaches(id, JobState.RUNNING);
        TestPlatform.awaiting().until(() -> platform.bean(Lease.class).isHeld());
        told(anHourAgo);
        assertThat(events(id, "IdleGpus")).isOne();
        assertThat(notices()).isEmpty();

        told((Instant) null);
        assertThat(warning(id)).isNull();
        assertThat(events(id, "IdleOver")).isOne();
        told(anHourAgo);
        assertThat(events(id, "IdleGpus")).isEqualTo(2);
    }

    @Test
    void theSpanOutlivesTheRestartOfAnAgentWithoutTheTimeInWhichNobodyLooked() {
        policy(Action.WARN, Duration.ZERO);
        var id = running();
        var lately = Instant.now().minus(Duration.ofMinutes(29).plusSeconds(40)).truncatedTo(ChronoUnit.MILLIS);
        told(lately);
        assertThat(warning(id)).isNull();
        var seen = Instant.now();
        var restarted = seen.plusSeconds(10);
        told(reading(restarted, seen.plusSeconds(15), restarted));
        assertThat(warning(id)).isNull();
        told(reading(restarted, seen.plusSeconds(40), restarted));
        assertThat(warned(id).since()).isEqualTo(lately);
    }

    @Test
    void silenceIsNotIdleness() {
        policy(Action.STOP, Duration.ZERO);
        var id = running();
        platform.bean(IdleLoop.class).run();
        assertThat(warning(id)).isNull();

        told(reading(agentStarted, Instant.now().minus(Duration.ofMinutes(2)), anHourAgo));
        assertThat(warning(id)).isNull();

        told(anHourAgo);
        warned(id);
        sql("update gpu_idleness set seen_at = seen_at - interval '2 minutes'");
        platform.bean(ToldReadings.class).told = List.of();
        platform.bean(IdleLoop.class).run();
        assertThat(platform.job(id).state()).isEqualTo(JobState.RUNNING);
        assertThat(warning(id)).isNotNull();

        told(anHourAgo);
        platform.reaches(id, JobState.STOPPED);
    }

    @Test
    void aJobIsStoppedAfterTheWarningAndTheGraceAndItsOwnerIsTold() {
        policy(Action.STOP, Duration.ofMinutes(10));
        var id = running();
        told(anHourAgo);
        told(anHourAgo);
        assertThat(platform.job(id).state()).isEqualTo(JobState.RUNNING);
        var stopsAt = warned(id).stopsAt();
        assertThat(stopsAt)
                .isBetween(Instant.now().plusSeconds(500), Instant.now().plusSeconds(600));
        assertThat(notices())
                .singleElement()
                .satisfies(notice -> assertThat(notice.message())
                        .contains("; it is stopped at 2")
                        .contains(" unless they work until then; to avoid that, end a job"));

        sql("update jobs set idle_stops_at = now() where id = ?", id.value());
        told(anHourAgo);
        var stopped = platform.ended(id);
        assertThat(stopped.state()).isEqualTo(JobState.STOPPED);
        assertThat(stopped.reason()).isEqualTo("StoppedIdle");
        assertThat(stopped.message())
                .startsWith("stopped, because its 2 GPU(s) on local have done nothing for ")
                .contains("(utilization 0 %), and queue team allows 30 min; to avoid that, end a job");
        assertThat(stopped.idle()).isNull();
        assertThat(notices())
                .extracting(Notice::kind)
                .extracting(Enum::name)
                .containsExactly("STOPPED_IDLE", "IDLE_GPUS");
    }

    @Test
    void anOlderReportChangesNothing() {
        policy(Action.WARN, Duration.ZERO);
        var id = running();
        var now = Instant.now();
        told(reading(agentStarted, now, null));
        told(reading(agentStarted, now.minusSeconds(5), anHourAgo));
        assertThat(warning(id)).isNull();
    }

    @Test
    void whoDoesNotScheduleActsOnNothing() {
        policy(Action.NOTIFY, Duration.ZERO);
        var id = running();
        sql("update scheduler_lease set token = token + 1, expires_at = now() + interval '1 hour'");
        told(anHourAgo);
        assertThat(warning(id)).isNull();
        assertThat(notices()).isEmpty();

        sql("update scheduler_lease set expires_at = '-infinity'");
        TestPlatform.awaiting().until(() -> {
            platform.bean(IdleLoop.class).run();
            return warning(id) != null;
        });
        assertThat(notices()).hasSize(1);
    }

    @Test
    void aQueueThatDoesNotWantToKnowAnyMoreTakesTheWarningBack() {
        policy(Action.STOP, Duration.ofMinutes(10));
        var id = running();
        told(anHourAgo);
        warned(id);
        policy(Action.NONE, Duration.ZERO);
        platform.bean(IdleLoop.class).run();
        assertThat(warning(id)).isNull();
    }

    @Test
    void aProcessInAPodIsOfTheJobWhosePodThatIs() {
        policy(Action.WARN, Duration.ZERO);
        var id = running();
        var pod = platform.bean(JdbcClient.class)
                .sql("select uid from attempts where job_id = ?")
                .param(id.value())
                .query(String.class)
                .single();
        var own = new Gpu(anHourAgo, Set.of(pod), Set.of());
        told(new GpuReading("local", agentStarted, Instant.now(), List.of(own, own)));
        warned(id);
    }
}
