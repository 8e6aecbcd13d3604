package io.shusuan.scheduler.cluster.local;

import static io.shusuan.scheduler.cluster.local.TestMachine.serving;
import static io.shusuan.scheduler.cluster.local.TestMachine.training;
import static io.shusuan.scheduler.cluster.local.TestMachine.workload;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A platform is killed, and the next one on the same home finds its tasks. */
class AdoptionTest {

    private static final String UNTIL_TOLD = """
            echo run >>$SHUSUAN_ARTIFACTS/runs
            until [ -e $SHUSUAN_ARTIFACTS/leave ]; do sleep 0.02; done
            exit $(cat $SHUSUAN_ARTIFACTS/leave)""";

    @TempDir
    Path home;

    private static void leave(TestMachine machine, JobId job, int code) throws Exception {
        Files.writeString(machine.artifacts(job).resolve("leave.new"), code + "\n");
        Files.move(
                machine.artifacts(job).resolve("leave.new"),
                machine.artifacts(job).resolve("leave"));
    }

    @Test
    void whatRanGoesOnAndItsExitCodeIsKnown() throws Exception {
        var whileAway = JobId.next();
        var afterwards = JobId.next();
        var service = JobId.next();
        PlatformProcess.text(home, whileAway, training(UNTIL_TOLD));
        PlatformProcess.text(home, afterwards, training(2, UNTIL_TOLD));
        var serve = serving(2, "echo run >>$SHUSUAN_ARTIFACTS/runs; exec python3 -m http.server --bind $HOST $PORT");
        PlatformProcess.text(home, service, serve);
        var platform = PlatformProcess.start(home);
        var machineBefore = new MachineView(home);
        machineBefore.awaitRuns(whileAway, 1);
        machineBefore.awaitRuns(afterwards, 2);
        machineBefore.awaitRuns(service, 2);
        platform.close();
        Files.writeString(machineBefore.artifacts(whileAway).resolve("leave"), "5\n");
        TestMachine.awaiting().until(() -> Files.exists(machineBefore.exitOf(whileAway)));

        try (var machine = new TestMachine(home)) {
            assertThat(machine.ended(whileAway).getFirst().exitCode()).isEqualTo(5);
            assertThat(machine.observe(afterwards).attempts())
                    .hasSize(2)
                    .allSatisfy(attempt -> assertThat(attempt.phase()).isEqualTo(Phase.RUNNING));
            machine.apply(workload(afterwards, training(2, UNTIL_TOLD)));
            machine.apply(workload(service, serve));
            TestMachine.awaiting()
                    .until(() -> machine.observe(service).attempts().stream().allMatch(Attempt::ready));
            assertThat(machine.observe(service).attempts())
                    .extracting(Attempt::number)
                    .containsExactly(1, 1);
            leave(machine, afterwards, 9);
            assertThat(machine.ended(afterwards)).extracting(Attempt::exitCode).containsExactly(9, 9);
            machineBefore.assertRuns(whileAway, 1);
            machineBefore.assertRuns(afterwards, 2);
            machineBefore.assertRuns(service, 2);
        }
    }

    /** What is on disk, without a cluster. */
    private record MachineView(Path home) {

        Path artifacts(JobId job) {
            return home.resolve("artifacts").resolve(job.toString());
        }

        Path exitOf(JobId job) {
            return home.resolve("tasks")
                    .resolve(job.toString())
                    .resolve("main-0")
                    .resolve("1")
                    .resolve("exit");
        }

        int runs(JobId job) throws Exception {
            var file = artifacts(job).resolve("runs");
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        }

        void awaitRuns(JobId job, int count) {
            TestMachine.awaiting().until(() -> runs(job) == count);
        }

        void assertRuns(JobId job, int count) throws Exception {
            assertThat(runs(job)).isEqualTo(count);
        }
    }

    @Test
    void howeverOftenAndWheneverThePlatformIsKilledEachTaskRunsOnce() throws Exception {
        var random = new Random(2025);
        var jobs = List.of(JobId.next(), JobId.next(), JobId.next(), JobId.next(), JobId.next(), JobId.next());
        for (var job : jobs) {
            PlatformProcess.text(home, job, training(2, "echo run >>$SHUSUAN_ARTIFACTS/runs; sleep 0.2"));
        }
        var view = new MachineView(home);
        for (var round = 0; round < 4; round++) {
            Files.deleteIfExists(home.resolve("ready"));
            var platform = PlatformProcess.launch(home);
            // Killed when so many of the tasks have begun, wherever it then is.
            var enough = Math.min(jobs.size(), 1 + random.nextInt(jobs.size()));
            TestMachine.awaiting().until(() -> Files.exists(home.resolve("ready")) || started(view, jobs) >= enough);
            platform.close();
        }
        try (var machine = new TestMachine(home)) {
            for (var job : jobs) {
                machine.apply(
                        workload(job, Files.readString(home.resolve("texts").resolve(job.toString()))));
            }
            for (var job : jobs) {
                assertThat(machine.ended(job))
                        .hasSize(2)
                        .allSatisfy(attempt -> assertThat(attempt.phase()).isEqualTo(Phase.SUCCEEDED));
                view.assertRuns(job, 2);
            }
        }
    }

    private static long started(MachineView view, List<JobId> jobs) throws Exception {
        var started = 0;
        for (var job : jobs) {
            started += view.runs(job) > 0 ? 1 : 0;
        }
        return started;
    }

    @Test
    void aTaskWhoseLeaderWasKilledWithoutAWordIsLostAndSoAreItsChildren() throws Exception {
        try (var machine = new TestMachine(home)) {
            var job = machine.run(training("echo $$ >$SHUSUAN_ARTIFACTS/pid; sleep 1000; echo never"));
            var child = machine.told(job, "pid");
            machine.cluster().close();
            TestMachine.kill(Files.readString(machine.attempt(job, "main-0", 1).resolve("pid"))
                    .strip());
            machine.restart();
            var attempt = machine.ended(job).getFirst();
            assertThat(attempt.reason()).isEqualTo("Lost");
            assertThat(attempt.exitCode()).isNull();
            assertThat(TestMachine.lives(child)).isFalse();
        }
    }

    @Test
    void aProcessNumberThatIsUsedAgainDeceivesNobody() throws Exception {
        try (var machine = new TestMachine(home)) {
            var job = machine.run(training("sleep 1000"));
            machine.running(job);
            var pidFile = machine.attempt(job, "main-0", 1).resolve("pid");
            TestMachine.awaiting().until(() -> Files.exists(pidFile) && Files.size(pidFile) > 0);
            machine.cluster().close();
            TestMachine.kill(Files.readString(pidFile).strip());
            var stranger = new ProcessBuilder("setsid", "sleep", "1000").start();
            try {
                Files.writeString(pidFile, Long.toString(stranger.pid()));
                machine.restart();
                assertThat(machine.ended(job).getFirst().reason()).isEqualTo("Lost");
                assertThat(stranger.isAlive()).isTrue();
            } finally {
                stranger.destroyForcibly();
            }
        }
    }

    @Test
    void noneOfItsProcessesOutlivedARestartOfTheMachine() throws Exception {
        try (var machine = new TestMachine(home)) {
            var began = machine.run(training("sleep 1000"));
            machine.running(began);
            machine.cluster().close();
            var folder = machine.attempt(began, "main-0", 1);
            TestMachine.awaiting()
                    .until(() -> Files.exists(folder.resolve("pid")) && Files.size(folder.resolve("pid")) > 0);
            TestMachine.kill(Files.readString(folder.resolve("pid")).strip());
            var plan = Files.readString(folder.resolve("plan"));
            Files.writeString(folder.resolve("plan"), plan.replaceAll("boot .*", "boot another"));
            var session = new ProcessBuilder("setsid", "sleep", "1000").start();
            try {
                Files.writeString(folder.resolve("pid"), Long.toString(session.pid()));
                machine.restart();
                assertThat(machine.ended(began).getFirst().message()).contains("machine was restarted");
                assertThat(session.isAlive()).isTrue();
            } finally {
                session.destroyForcibly();
            }
        }
    }

    @Test
    void garbageInTheFoldersDoesNoHarm() throws Exception {
        try (var machine = new TestMachine(home)) {
            var job = machine.run(training("echo run >>$SHUSUAN_ARTIFACTS/runs; sleep 1000"));
            machine.told(job, "runs");
            var tasks = home.resolve("tasks");
            Files.createDirectories(tasks.resolve("lost+found"));
            Files.writeString(tasks.resolve("00000000-0000-7000-8000-000000000000"), "a file, not a folder");
            var folder = tasks.resolve(job.toString());
            Files.createDirectories(folder.resolve("nodash"));
            Files.createDirectories(folder.resolve("main-99999999999999999999"));
            Files.createDirectories(folder.resolve("main-0").resolve("99999999999999999999"));
            Files.writeString(folder.resolve("main-1"), "no folder either");
            Files.writeString(machine.attempt(job, "main-0", 1).resolve("plan"), "ports x y\n\u0000");
            Files.write(machine.attempt(job, "main-0", 1).resolve("verdict"), new byte[] {(byte) 0xC3, 0x28});
            Files.writeString(machine.attempt(job, "main-0", 1).resolve("output.begin"), "soon");
            machine.restart();
            machine.apply(workload(job, training("echo run >>$SHUSUAN_ARTIFACTS/runs; sleep 1000")));
            assertThat(machine.newest(job).phase()).isEqualTo(Phase.RUNNING);
            assertThat(Files.readAllLines(machine.artifacts(job).resolve("runs")))
                    .hasSize(1);
        }
    }

    @Test
    void anAttemptThatWasOnlyHalfMadeIsMadeAgain() throws Exception {
        try (var machine = new TestMachine(home)) {
            var job = JobId.next();
            Files.createDirectories(machine.attempt(job, "main-0", 1));
            Files.writeString(machine.attempt(job, "main-0", 1).resolve("command"), "echo half");
            machine.restart();
            machine.apply(workload(job, training("echo whole")));
            assertThat(machine.ended(job).getFirst().phase()).isEqualTo(Phase.SUCCEEDED);
            assertThat(machine.output(job, "main-0-1")).containsExactly("whole");
        }
    }

    @Test
    void whatARunningTaskHasIsGivenToNobodyElseAfterARestart() throws Exception {
        var two = new LocalSettings(
                home,
                TestMachine.settings(home).limit(),
                64,
                List.of(),
                28_800,
                28_801,
                LocalSettings.DEFAULT_KEPT_OUTPUT);
        try (var machine = new TestMachine(two)) {
            var first = machine.run(serving(1, "sleep 1000"));
            var port = machine.running(first).endpoints().getFirst().port();
            machine.restart();
            var second = machine.run(serving(1, "sleep 1000"));
            assertThat(machine.running(second).endpoints().getFirst().port()).isNotEqualTo(port);
        }
    }
}
