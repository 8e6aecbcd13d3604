package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.text;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.sharing.QueueMaker;
import io.shusuan.scheduler.sharing.SharingControl;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Gangs that are not ready in the time that their queue gives them. */
class ReadinessTest extends OnePlatformEach {

    private static final String LISTENS = "exec python3 -m http.server --bind $HOST $PORT";
    private static final String NEVER_LISTENS = "exec sleep 1000";

    @BeforeEach
    void begin() {
        platform.bean(SharingControl.class)
                .change(
                        QueueMaker.queue("hasty")
                                .grace(Duration.ZERO)
                                .readyWithin(Duration.ofSeconds(3))
                                .make(),
                        false,
                        "root");
    }

    private JobId submit(String name, int cpus, String... commands) {
        return platform.submit(text(name, "inference", cpus, commands) + "queue: hasty\n");
    }

    @Test
    void aGangThatIsNotReadyInTimeGivesBackAllItHoldsAndStandsAside() {
        var id = submit("half", 8, LISTENS, NEVER_LISTENS);
        platform.reaches(id, JobState.STARTING);
        var next = submit("next", 16, LISTENS);
        assertThat(platform.waitsBecause(id, "WaitingForPodsReady").message())
                .startsWith("its tasks were not ready in time; it is tried again at ");
        assertThat(platform.events(id)).containsSubsequence("Starting", "Evicted", "Requeued");
        var job = platform.job(id);
        assertThat(job.run()).isEqualTo(2);
        assertThat(requireNonNull(job.tenure().notBefore()))
                .isAfter(job.createdAt().plusSeconds(60));
        platform.reaches(next, JobState.RUNNING); // nothing is kept for who stands aside
    }

    @Test
    void itIsTriedAgainAtItsPlaceAndStandsAsideTwiceAsLong() {
        var id = submit("again", 1, NEVER_LISTENS);
        platform.waitsBecause(id, "WaitingForPodsReady");
        timeHasPassed(id);
        platform.restart(); // the new leader knows it from the database
        platform.reaches(id, JobState.STARTING);
        platform.waitsBecause(id, "WaitingForPodsReady");
        var job = platform.job(id);
        assertThat(job.run()).isEqualTo(3);
        assertThat(Duration.between(Instant.now(), job.tenure().notBefore()))
                .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(120));
    }

    @Test
    void whoIsReadyInTimeIsLeftAlone() {
        var id = submit("ready", 1, LISTENS);
        var job = platform.reaches(id, JobState.RUNNING);
        awaiting()
                .until(() -> Instant.now()
                        .isAfter(requireNonNull(job.tenure().readyBy()).plusSeconds(1)));
        assertThat(platform.job(id).state()).isEqualTo(JobState.RUNNING);
        assertThat(platform.job(id).run()).isEqualTo(1);
    }

    private void timeHasPassed(JobId id) {
        platform.bean(JdbcClient.class)
                .sql("update jobs set not_before = now(), version = version + 1 where id = :id")
                .param("id", id.value())
                .update();
    }
}
