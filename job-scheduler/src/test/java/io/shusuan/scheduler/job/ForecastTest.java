package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.db.job.StartForecast;
import io.shusuan.db.job.StartForecast.Basis;
import io.shusuan.db.job.StartForecasts;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What those who wait are told about when they start, and how that is judged. */
class ForecastTest extends OnePlatformEach {

    private static final QueueName DEFAULT = new QueueName("default");

    @Override
    TestPlatform open() {
        return TestPlatform.on(database, home, 4);
    }

    private StartForecasts forecasts() {
        return platform.bean(StartForecasts.class);
    }

    private Optional<StartForecast> told(JobId id) {
        platform.bean(Forecaster.class).run();
        return forecasts().of(id);
    }

    private JobId submit(String name, String command, String more) {
        return platform.submit(more + onAllGpus(training(name, command)));
    }

    private static String onAllGpus(String text) {
        return text.replace("gpuNumber: 0", "gpuNumber: 4");
    }

    @Test
    void whoWaitsForOneWithATimeLimitStartsWithinItAndIsJudgedByThat() {
        var first = submit("first", "exec sleep 1000", "timeLimit: 30m\n");
        platform.reaches(first, JobState.RUNNING);
        var second = submit("second", "true", "");
        awaiting().until(() -> platform.job(second).reason() != null);

        var told = awaiting().until(() -> told(second), Optional::isPresent).orElseThrow();

        var begun = platform.job(first).createdAt();
        assertThat(told.earliest()).isBetween(begun, begun.plus(Duration.ofMinutes(31)));
        assertThat(told.latest()).isBetween(told.earliest(), begun.plus(Duration.ofMinutes(31)));
        platform.control().stop(first, "ada");
        platform.reaches(second, JobState.SUCCEEDED);
        assertThat(told(second)).isEmpty();
        assertThat(forecasts().past(DEFAULT, Basis.SIMULATION).jobs()).isOne();
    }

    @Test
    void howLongOthersHaveRunIsWhatIsGuessedWithoutALimit() {
        var first = submit("first", "exec sleep 1000", "");
        platform.reaches(first, JobState.RUNNING);
        var second = submit("second", "true", "");
        awaiting().until(() -> platform.job(second).reason() != null);
        assertThat(told(second)).isEmpty(); // nobody has ended yet, so nobody knows

        platform.bean(JdbcClient.class).sql("""
                insert into jobs (id, name, owner, queue, kind, state, priority, spec, spec_media_type, artifact_sources, milli_cpus,
                                  memory_mib, gpus, created_at, admitted_at, started_at, finished_at, version)
                select gen_random_uuid(), 'old-' || n, owner, queue, kind, 'SUCCEEDED', priority, spec, spec_media_type,
                       artifact_sources, milli_cpus, memory_mib, gpus, now() - interval '1 day', now() - interval '1 day',
                       now() - interval '1 day', now() - interval '22 hours' + n * interval '1 minute', 0
                  from jobs, generate_series(1, 9) n where id = ?""").param(first.value()).update();

        var told = told(second).orElseThrow();
        var usual = Duration.ofHours(2);
        assertThat(told.earliest())
                .isBetween(
                        Instant.now().plus(usual.minusMinutes(2)), Instant.now().plus(usual.plusMinutes(12)));
        assertThat(told.latest()).isBetween(told.earliest(), Instant.now().plus(usual.plusMinutes(13)));
    }

    @Test
    void whoWaitsBehindAServiceIsToldNothing() {
        var service = platform.submit(onAllGpus(TestPlatform.text("first", "inference", 1, "exec sleep 1000")));
        platform.reaches(service, JobState.STARTING);
        var second = submit("second", "true", "timeLimit: 30m\n");
        awaiting().until(() -> platform.job(second).reason() != null);

        assertThat(told(second)).isEmpty();
    }

    @Test
    void whoOnlyAsksIsToldWhatItWouldBeIfItWaited() throws Exception {
        var text = "timeLimit: 30m\n" + onAllGpus(training("asked", "true"));
        var service = onAllGpus(TestPlatform.text("service", "inference", 1, "exec sleep 1000"));
        var first = submit("first", "exec sleep 1000", "timeLimit: 30m\n");
        platform.reaches(first, JobState.RUNNING);

        var asked = check(text);

        var begun = platform.job(first).createdAt();
        assertThat(asked.verdict()).isInstanceOf(JobCheck.Verdict.Later.class);
        var start = Objects.requireNonNull(asked.start());
        assertThat(start.told().earliest()).isBetween(begun, begun.plus(Duration.ofMinutes(31)));
        assertThat(start.told().latest()).isBetween(start.told().earliest(), begun.plus(Duration.ofMinutes(31)));
        assertThat(start.told().basis()).isEqualTo(Basis.SIMULATION);
        assertThat(start.past()).isEqualTo(new StartForecasts.Past(0, 0));

        var second = platform.submit(service);
        awaiting().until(() -> platform.job(second).reason() != null);
        var behindAService = check(text);
        assertThat(behindAService.verdict()).isInstanceOf(JobCheck.Verdict.Later.class);
        assertThat(behindAService.start()).isNull();
    }

    /** Of so many nobody is told anything but the first 200: then the line alone tells, and says so. */
    @Test
    void whoAsksBehindVeryManyIsToldRoughly() throws Exception {
        var first = submit("first", "exec sleep 1000", "timeLimit: 30m\n");
        platform.reaches(first, JobState.RUNNING);
        submit250AndOne();

        var asked = check("timeLimit: 30m\n" + onAllGpus(training("asked", "true")));

        var start = Objects.requireNonNull(asked.start());
        assertThat(start.told().basis()).isEqualTo(Basis.LINE);
        // up to half an hour, and up to a minute of each of the others
        assertThat(start.told().expected()).isBetween(minutes(100), minutes(190));
        assertThat(start.told().earliest()).isBetween(minutes(30), minutes(70));
        assertThat(start.told().latest()).isBetween(minutes(300), minutes(570));
        assertThat(start.past()).isEqualTo(new StartForecasts.Past(0, 0));
    }

    /** So many jobs of a minute at most, numbered in the order in which they came, and one behind all of them. */
    private JobId submit250AndOne() {
        var last = submit("second", "true", "timeLimit: 1m\n");
        var like = last.value();
        platform.bean(JdbcClient.class).sql("""
                with more as (
                    insert into jobs (id, name, owner, queue, kind, state, priority, spec, spec_media_type, artifact_sources, milli_cpus,
                                      memory_mib, gpus, created_at, demands, version)
                    select gen_random_uuid(), 'more-' || n, owner, queue, kind, 'QUEUED', priority, spec, spec_media_type,
                           artifact_sources, milli_cpus, memory_mib, gpus, created_at - interval '10 seconds' + n * interval '1 millisecond', demands, 0
                      from jobs, generate_series(1, 250) n where id = :like
                    returning id)
                insert into task_roles (job_id, ordinal, name, task_number, milli_cpus, memory_mib, gpus)
                select more.id, ordinal, name, task_number, milli_cpus, memory_mib, gpus from more, task_roles where job_id = :like""").param("like", like).update();
        return last;
    }

    /** Of those behind the first 200, whom the forecast names only by their neighbours. */
    private List<JobId> untold() {
        return platform.bean(JdbcClient.class)
                .sql("""
                        select id from jobs j
                         where name like 'more-%' and substr(name, 6)::int between 201 and 249
                           and not exists (select from forecasts f where f.job_id = j.id)
                         order by substr(name, 6)::int""")
                .query((row, each) -> new JobId(row.getObject("id", UUID.class)))
                .list();
    }

    @Test
    void whoWaitsBehindVeryManyIsToldRoughlyByItsNeighboursAndJudgedApart() {
        var first = submit("first", "exec sleep 1000", "timeLimit: 30m\n");
        platform.reaches(first, JobState.RUNNING);
        var last = submit250AndOne();
        awaiting() // who is told before the others are seen is told as if it were the next
                .until(() ->
                        Objects.requireNonNull(platform.bean(Admission.class).lastSeen())
                                        .waiting()
                                        .size()
                                == 251);
        awaiting().until(() -> told(last), Optional::isPresent);

        var told = forecasts().of(last).orElseThrow();
        assertThat(told.basis()).isEqualTo(Basis.LINE);
        assertThat(told.expected()).isBetween(minutes(100), minutes(190));
        assertThat(told.latest()).isBetween(minutes(300), minutes(570));
        var untold = untold();
        assertThat(untold).hasSizeGreaterThan(30);
        var before = forecasts().of(untold.getFirst()).orElseThrow();
        var behind = forecasts().of(untold.getLast()).orElseThrow();
        assertThat(before.basis()).isEqualTo(Basis.LINE);
        assertThat(before.expected()).isBefore(behind.expected());
        assertThat(behind.expected()).isBefore(told.expected());
        tellsNothingToWhomThatDoesNotHoldFor(untold.getFirst(), untold.getLast());

        platform.bean(JdbcClient.class)
                .sql("update forecasts set first_earliest = now() - interval '1 minute' where job_id = ?")
                .param(last.value())
                .update();
        platform.bean(JdbcClient.class)
                .sql("update jobs set state = 'STOPPED', admitted_at = now(), finished_at = now() where id = ?")
                .param(last.value())
                .update();
        assertThat(told(last)).isEmpty();
        assertThat(forecasts().past(DEFAULT, Basis.LINE)).isEqualTo(new StartForecasts.Past(1, 1));
    }

    private void tellsNothingToWhomThatDoesNotHoldFor(JobId held, JobId larger) {
        var jdbc = platform.bean(JdbcClient.class);
        jdbc.sql("update jobs set reason = 'BudgetSpent' where id = ?")
                .param(held.value())
                .update();
        jdbc.sql("update task_roles set gpus = 5 where job_id = ?")
                .param(larger.value())
                .update();
        assertThat(forecasts().of(held)).isEmpty();
        assertThat(forecasts().of(larger)).isEmpty();
    }

    private static Instant minutes(int ahead) {
        return Instant.now().plus(Duration.ofMinutes(ahead));
    }

    private JobCheck.Checked check(String text) throws ClusterUnavailableException {
        return platform.bean(JobCheck.class).check(text.getBytes(UTF_8), "ada");
    }

    @Test
    void anEstimateIsJudgedByWhenTheJobStarted() {
        var first = submit("first", "exec sleep 1000", "timeLimit: 30m\n");
        platform.reaches(first, JobState.RUNNING);
        var second = submit("second", "true", "");
        awaiting().until(() -> told(second), Optional::isPresent);
        var jdbc = platform.bean(JdbcClient.class);
        jdbc.sql(
                        "update forecasts set first_earliest = now() + interval '20 minutes', first_latest = now() + interval '25 minutes'")
                .update();

        platform.control().stop(first, "ada");

        platform.reaches(second, JobState.SUCCEEDED);
        assertThat(told(second)).isEmpty();
        assertThat(forecasts().past(DEFAULT, Basis.SIMULATION)).isEqualTo(new StartForecasts.Past(1, 0));
        jdbc.sql("update forecasts set first_earliest = started_at - interval '1 second', first_latest = started_at")
                .update();
        assertThat(forecasts().past(DEFAULT, Basis.SIMULATION)).isEqualTo(new StartForecasts.Past(1, 1));
    }
}
