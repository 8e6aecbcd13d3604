package io.shusuan.scheduler.job;

import static io.shusuan.scheduler.job.TestPlatform.awaiting;
import static io.shusuan.scheduler.job.TestPlatform.training;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.JobState;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Jobs that were written a moment ago, which is remembered, and that somebody else changes then, whether or not that is told here. */
class RememberedJobTest extends OnePlatformEach {

    private static final String LEAVES = """
            trap 'touch $SHUSUAN_ARTIFACTS/term; exit 1' TERM
            touch $SHUSUAN_ARTIFACTS/here
            until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done""";

    private JobId running(String name) {
        var id = platform.submit(training(name, LEAVES));
        platform.awaitFile(id, "here");
        platform.reaches(id, JobState.RUNNING);
        return id;
    }

    private void change(JobId id, String what) {
        var changed = platform.bean(JdbcClient.class)
                .sql("update jobs set version = version + 1, %s where id = :id".formatted(what))
                .param("id", id.value())
                .update();
        assertThat(changed).isEqualTo(1);
    }

    @Test
    void whatAnotherReplicaWasAskedToStopEnds() {
        var id = running("stopped");
        change(id, "state = 'STOPPING', ending_as = 'STOPPED', reason = 'StoppedByUser', message = 'stopped by ada'");
        var ended = platform.ended(id);
        assertThat(ended.state()).isEqualTo(JobState.STOPPED);
        assertThat(ended.message()).isEqualTo("stopped by ada");
        assertThat(platform.artifacts(id).resolve("term")).exists();
    }

    @Test
    void whatWasToldToComeBackMeanwhileIsStoppedForGood() throws Exception {
        var id = running("evicted");
        change(
                id,
                "state = 'STOPPING', ending_as = 'QUEUED', evicted_at = now(), reason = 'Evicted', message = 'for others'");
        platform.awaitFile(id, "term");
        platform.control().stop(id, "ada");
        assertThat(platform.ended(id).state()).isEqualTo(JobState.STOPPED);
    }

    @Test
    void aChangeThatNobodyTellsOfIsNotWrittenOver() throws Exception {
        var id = running("changed");
        change(id, "priority = 7");
        Files.createFile(platform.artifacts(id).resolve("leave"));
        var ended = platform.ended(id);
        assertThat(ended.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(ended.priority()).isEqualTo(7);
        assertThat(platform.events(id)).containsOnlyOnce("Succeeded");
    }

    @Test
    void whatIsStoppedWhileItEndsByItselfEndsOnce() throws Exception {
        for (var round = 0; round < 10; round++) {
            var id = running("race-" + round);
            Files.createFile(platform.artifacts(id).resolve("leave"));
            platform.control().stop(id, "ada");
            assertThat(platform.ended(id).state()).isIn(JobState.STOPPED, JobState.SUCCEEDED);
            awaiting()
                    .untilAsserted(() -> assertThat(platform.events(id))
                            .filteredOn(event -> event.equals("Stopped") || event.equals("Succeeded"))
                            .hasSize(1));
        }
    }
}
