package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the database says that jobs have is what they have. */
class LedgerTest extends OnePlatformEach {

    private void update(JobId id, String what) {
        platform.bean(JdbcClient.class)
                .sql("update jobs set version = version + 1, %s where id = :id".formatted(what))
                .param("id", id.value())
                .update();
    }

    private boolean lives(JobId id) throws ClusterUnavailableException {
        return platform.cluster().observe(id).orElseThrow().attempts().stream()
                .anyMatch(attempt -> !attempt.phase().isFinal());
    }

    @Test
    void tasksOfAJobThatHoldsNothingAreStoppedWhenFoundTwice() throws Exception {
        var runs = platform.submit(training("runs", "exec sleep 1000"));
        var ended = platform.submit(training("ended", "exec sleep 1000"));
        platform.reaches(runs, JobState.RUNNING);
        platform.reaches(ended, JobState.RUNNING);
        update(ended, "state = 'STOPPED', placement = null, finished_at = now()");
        var check = platform.bean(LedgerCheck.class);
        check.run();
        assertThat(lives(ended)).isTrue();
        check.run();
        awaiting().until(() -> !lives(ended));
        assertThat(platform.events(ended)).endsWith("StrayTasks");
        assertThat(lives(runs)).isTrue();
        assertThat(platform.job(runs).state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void aPlacementFollowsTheTasks() {
        var id = platform.submit(training("moved", "exec sleep 1000"));
        platform.reaches(id, JobState.RUNNING);
        update(
                id,
                "placement = '[{\"role\": \"role0\", \"flavour\": \"default\", \"node\": \"elsewhere\", \"tasks\": 1}]'");
        platform.restart();
        awaiting().until(() -> platform.job(id).placement().getFirst().node().equals("local"));
        assertThat(platform.events(id)).contains("Moved");
    }
}
