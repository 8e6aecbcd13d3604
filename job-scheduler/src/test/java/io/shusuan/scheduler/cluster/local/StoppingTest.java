package io.shusuan.scheduler.cluster.local;

import static io.shusuan.scheduler.cluster.local.TestMachine.GRACE;
import static io.shusuan.scheduler.cluster.local.TestMachine.lives;
import static io.shusuan.scheduler.cluster.local.TestMachine.serving;
import static io.shusuan.scheduler.cluster.local.TestMachine.training;
import static io.shusuan.scheduler.cluster.local.TestMachine.workload;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stopping: TERM to the whole tree of processes, KILL to what is left after the grace, nothing outlives its attempt. */
class StoppingTest {

    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    Path home;

    private TestMachine machine;

    @BeforeEach
    void start() throws Exception {
        machine = new TestMachine(home);
    }

    @AfterEach
    void end() throws Exception {
        machine.close();
    }

    @Test
    void aTaskThatObeysEndsWithItsOwnExitCode() throws Exception {
        var job = machine.run(training("""
                trap 'echo bye; exit 7' TERM
                echo $$ >$SHUSUAN_ARTIFACTS/pid
                while :; do sleep 0.02; done"""));
        machine.told(job, "pid");
        machine.cluster().stop(job, GRACE);
        var attempt = machine.ended(job).getFirst();
        assertThat(attempt.exitCode()).isEqualTo(7);
        assertThat(attempt.reason()).isEqualTo("Stopped");
        assertThat(machine.output(job, "main-0-1")).contains("bye");
    }

    @Test
    void aTaskThatIgnoresTermIsKilledAfterTheGrace() throws Exception {
        var job = machine.run(training("""
                trap '' TERM
                echo $$ >$SHUSUAN_ARTIFACTS/pid
                while :; do sleep 0.02; done"""));
        var pid = machine.told(job, "pid");
        machine.cluster().stop(job, SHORT);
        var attempt = machine.ended(job).getFirst();
        assertThat(attempt.reason()).isEqualTo("Stopped");
        assertThat(lives(pid)).isFalse();
    }

    @Test
    void aLaterOrderMayShortenTheGraceAndNeverLengthensIt() throws Exception {
        var job = machine.run(training("trap '' TERM; echo $$ >$SHUSUAN_ARTIFACTS/pid; while :; do sleep 0.02; done"));
        var pid = machine.told(job, "pid");
        machine.cluster().stop(job, Duration.ofHours(1));
        assertThat(lives(pid)).isTrue();
        machine.cluster().stop(job, SHORT);
        machine.cluster().stop(job, Duration.ofHours(1));
        machine.ended(job);
        assertThat(lives(pid)).isFalse();
    }

    @Test
    void grandchildrenHaveTheirGraceThoughTheShellAboveThemIsGoneAtOnce() throws Exception {
        var job = machine.run(training("""
                (trap 'sleep 0.5; echo saved >$SHUSUAN_ARTIFACTS/checkpoint; exit' TERM
                 echo $$ >$SHUSUAN_ARTIFACTS/pid; while :; do sleep 0.02; done); echo after"""));
        machine.told(job, "pid");
        machine.cluster().stop(job, GRACE);
        machine.ended(job);
        assertThat(machine.told(job, "checkpoint")).isEqualTo("saved");
    }

    private static final String FAMILY = """
            import os, signal, sys, time
            def note(name):
                with open(os.environ['SHUSUAN_ARTIFACTS'] + '/' + name + '.new', 'w') as file:
                    file.write(str(os.getpid()) + '\\n')
                os.rename(file.name, file.name[:-4])
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if os.fork() == 0:                      # a daemon: another session, another parent
                os.setsid()
                if os.fork() == 0:
                    note('daemon')
                    time.sleep(1000)
                os._exit(0)
            if os.fork() == 0:                      # a grandchild in a group of its own
                os.setpgid(0, 0)
                if os.fork() == 0:
                    note('grandchild')
                    time.sleep(1000)
                time.sleep(1000)
            if os.fork() == 0:                      # no trace of us in its environment
                os.execve('/bin/sh', ['sh', '-c', 'trap "" TERM; echo $$ >"$0.new"; mv "$0.new" "$0"; while :; do /bin/sleep 0.1; done',
                    os.environ['SHUSUAN_ARTIFACTS'] + '/bare'], {})
            note('main')
            """;

    private JobId family(String lastLine) throws Exception {
        Files.writeString(home.resolve("family.py"), FAMILY + lastLine + "\n");
        var job = machine.run(training("exec python3 " + home.resolve("family.py")));
        for (var name : new String[] {"main", "daemon", "grandchild", "bare"}) {
            machine.told(job, name);
        }
        return job;
    }

    private void assertNobodyLives(JobId job) throws Exception {
        for (var name : new String[] {"main", "daemon", "grandchild", "bare"}) {
            assertThat(lives(machine.told(job, name))).as(name).isFalse();
        }
    }

    @Test
    void noDaemonAndNoGrandchildEscapes() throws Exception {
        var job = family("time.sleep(1000)");
        machine.cluster().stop(job, SHORT);
        machine.ended(job);
        assertNobodyLives(job);
    }

    @Test
    void whatACommandLeavesBehindGoesWithIt() throws Exception {
        var job = family("time.sleep(0.2)");
        assertThat(machine.ended(job).getFirst().phase()).isEqualTo(Phase.SUCCEEDED);
        assertNobodyLives(job);
    }

    @Test
    void termIsSentOnceHoweverOftenAStopIsAskedFor() throws Exception {
        var job = machine.run(training("""
                trap 'echo term >>$SHUSUAN_ARTIFACTS/terms' TERM
                echo $$ >$SHUSUAN_ARTIFACTS/pid
                until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done"""));
        machine.told(job, "pid");
        for (var i = 0; i < 5; i++) {
            machine.cluster().stop(job, GRACE);
            machine.told(job, "terms");
        }
        Files.createFile(machine.artifacts(job).resolve("leave"));
        machine.ended(job);
        machine.cluster().stop(job, GRACE);
        assertThat(Files.readAllLines(machine.artifacts(job).resolve("terms"))).hasSize(1);
    }

    @Test
    void aStopGoesOnWhenThePlatformDiedInTheMiddleOfIt() throws Exception {
        var job = machine.run(training("""
                trap 'echo term >>$SHUSUAN_ARTIFACTS/terms' TERM
                echo $$ >$SHUSUAN_ARTIFACTS/pid
                while :; do sleep 0.02; done"""));
        var pid = machine.told(job, "pid");
        machine.cluster().stop(job, Duration.ofSeconds(2));
        machine.told(job, "terms");
        machine.restart();
        assertThat(machine.ended(job).getFirst().reason()).isEqualTo("Stopped");
        assertThat(lives(pid)).isFalse();
    }

    @Test
    void whatWasStoppedIsNeverStartedAgain() throws Exception {
        var job = JobId.next();
        var said = workload(job, serving(2, "echo run >>$SHUSUAN_ARTIFACTS/runs; exec sleep 1000"));
        machine.apply(said);
        machine.cluster().stop(job, SHORT); // perhaps before its leader has begun
        machine.ended(job);
        machine.apply(said);
        machine.restart();
        machine.apply(said);
        assertThat(machine.observe(job).attempts())
                .hasSize(2)
                .allSatisfy(attempt -> assertThat(attempt.reason()).isEqualTo("Stopped"));
    }

    @Test
    void aLaterRunOfWhatWasStoppedIsStartedOnceAndOnlyThat() throws Exception {
        var job = JobId.next();
        var first =
                workload(job, training(2, "echo run >>$SHUSUAN_ARTIFACTS/runs-$SHUSUAN_TASK_INDEX; exec sleep 1000"));
        machine.apply(first);
        for (var task = 0; task < 2; task++) {
            machine.told(job, "runs-" + task);
        }
        machine.cluster().stop(job, SHORT);
        machine.ended(job);
        machine.restart();
        var second = ofRun(2, first);
        machine.apply(second);
        machine.apply(second);
        machine.restart();
        machine.apply(second);
        machine.apply(first); // said by one who had been stalled
        assertThat(machine.observe(job).ofRun(1).attempts())
                .hasSize(2)
                .allSatisfy(attempt -> assertThat(attempt.phase()).isEqualTo(Phase.FAILED));
        assertThat(machine.observe(job).ofRun(2).attempts()).hasSize(2).allSatisfy(attempt -> {
            assertThat(attempt.phase()).isEqualTo(Phase.RUNNING);
            assertThat(attempt.number()).isEqualTo(2);
        });
        for (var task = 0; task < 2; task++) {
            var runs = machine.artifacts(job).resolve("runs-" + task);
            TestMachine.awaiting().until(() -> Files.readAllLines(runs).size() == 2);
        }
        machine.cluster().stop(job, SHORT);
        machine.ended(job);
        machine.apply(second);
        for (var task = 0; task < 2; task++) {
            assertThat(Files.readAllLines(machine.artifacts(job).resolve("runs-" + task)))
                    .hasSize(2);
        }
    }

    private static Workload ofRun(int run, Workload said) {
        return new Workload(
                said.job(),
                run,
                said.grace(),
                said.spec(),
                said.owner(),
                said.artifactSources(),
                said.extraEnv(),
                said.placement(),
                null);
    }

    @Test
    void aTaskIsStoppedOnTheVeryWayToItsStart() throws Exception {
        for (var round = 0; round < 20; round++) {
            var job = machine.run(training("echo $$ >$SHUSUAN_ARTIFACTS/pid; exec sleep 1000"));
            machine.cluster().stop(job, Duration.ofMillis(round * 5L));
            machine.ended(job);
            var pid = machine.artifacts(job).resolve("pid");
            assertThat(Files.exists(pid)
                            && Files.size(pid) > 0
                            && lives(Files.readString(pid).strip()))
                    .isFalse();
        }
    }

    @Test
    void aDeletedServiceIsNotStartedAnewByWhatWasPlannedForIt() throws Exception {
        var job = machine.run(serving(1, "exit 3"));
        machine.seen(job, attempt -> attempt.phase().isFinal()); // a second try is due in a second
        machine.cluster().remove(job);
        var other = machine.run(serving(1, "exit 3"));
        machine.seen(other, attempt -> attempt.number() == 2); // and would have happened by now
        assertThat(machine.cluster().observe(job)).isEmpty();
    }

    @Test
    void stoppingWhatIsNotThereIsNoFault() throws Exception {
        machine.cluster().stop(JobId.next(), GRACE);
        assertThat(machine.cluster().jobs()).isEmpty();
    }
}
