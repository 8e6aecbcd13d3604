package io.shusuan.scheduler.cluster.local;

import static io.shusuan.scheduler.cluster.local.TestMachine.serving;
import static io.shusuan.scheduler.cluster.local.TestMachine.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What serves is started anew when it ends, ever more slowly. */
class RestartingTest {

    @TempDir
    Path home;

    @Test
    void aServiceThatEndsIsStartedAnewWithLongerAndLongerPauses() throws Exception {
        try (var machine = new TestMachine(home)) {
            var job = machine.run(serving(1, "exit 0"));
            machine.seen(
                    job, attempt -> attempt.number() == 3 && attempt.phase().isFinal());
            var attempts = machine.observe(job).attempts();
            assertThat(attempts.subList(0, 3)).allSatisfy(attempt -> {
                assertThat(attempt.phase()).isEqualTo(Phase.FAILED); // whatever its exit code says
                assertThat(attempt.exitCode()).isZero();
            });
            assertThat(pause(attempts, 0)).isGreaterThanOrEqualTo(Duration.ofMillis(950));
            assertThat(pause(attempts, 1)).isGreaterThanOrEqualTo(Duration.ofMillis(1950));
        }
    }

    private static Duration pause(List<Attempt> attempts, int after) {
        return Duration.between(
                attempts.get(after).finishedAt(), attempts.get(after + 1).startedAt());
    }

    @Test
    void aPlannedRestartSurvivesARestartOfThePlatform() throws Exception {
        try (var machine = new TestMachine(home)) {
            var job = JobId.next();
            var said = workload(job, serving(1, "exit 1"));
            machine.apply(said);
            machine.seen(job, attempt -> attempt.phase().isFinal());
            machine.restart();
            machine.apply(said);
            assertThat(machine.seen(job, attempt -> attempt.number() == 2).number())
                    .isEqualTo(2);
        }
    }

    @Test
    void whenPortsRunOutItIsToldAndAFreedOneIsTaken() throws Exception {
        var one = new LocalSettings(
                home,
                TestMachine.settings(home).limit(),
                64,
                List.of(),
                28_700,
                28_700,
                LocalSettings.DEFAULT_KEPT_OUTPUT);
        try (var machine = new TestMachine(one)) {
            var first = machine.run(serving(1, "sleep 1000"));
            machine.running(first);
            var second = JobId.next();
            var said = workload(second, serving(1, "echo run >$SHUSUAN_ARTIFACTS/runs; sleep 1000"));
            assertThatThrownBy(() -> machine.apply(said))
                    .isInstanceOf(ClusterUnavailableException.class)
                    .hasMessage("this machine cannot start tasks now: no 1 free port(s) between 28700 and 28700");
            machine.cluster().stop(first, Duration.ZERO);
            machine.ended(first);
            machine.apply(said);
            assertThat(machine.told(second, "runs")).isEqualTo("run");
        }
    }

    @Test
    void onlyTheLastAttemptsAreKept() throws Exception {
        try (var machine = new TestMachine(home)) {
            var job = JobId.next();
            var folder = home.resolve("tasks").resolve(job.toString());
            for (var number = 1; number <= 20; number++) {
                var past = AttemptFolder.of(folder, "main", 0, number);
                past.create("exit 1", new Plan(List.of(), List.of(), null, 1, 0, Plan.BOOT));
                past.takeAway();
                Files.writeString(past.path().resolve("exit"), "1");
                past.close();
            }
            machine.apply(workload(job, serving(1, "sleep 1000")));
            machine.seen(job, attempt -> attempt.number() == 21 && attempt.phase() == Phase.RUNNING);
            assertThat(machine.observe(job).attempts())
                    .extracting(Attempt::number)
                    .containsExactly(16, 17, 18, 19, 20, 21);
        }
    }
}
