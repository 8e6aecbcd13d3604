package io.shusuan.scheduler.cluster.local;

import static io.shusuan.scheduler.cluster.local.TestMachine.job;
import static io.shusuan.scheduler.cluster.local.TestMachine.serving;
import static io.shusuan.scheduler.cluster.local.TestMachine.training;
import static io.shusuan.scheduler.cluster.local.TestMachine.workload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.db.job.JobId;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.ClusterHealth;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.cluster.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks as processes of this machine. */
class LocalClusterTest {

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
    void nobodyElseLooksIntoOutputsAndResults() throws Exception {
        for (var folder : List.of("tasks", "artifacts")) {
            assertThat(Files.getPosixFilePermissions(home.resolve(folder)))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    private static final String ENVIRONMENT = """
            jobName: digits
            kind: training
            env: {MODEL: digits, SHARED: of-the-job, QUOTED: "a 'b' \\"c\\" $HOME"}
            taskRoles:
            - name: main
              taskNumber: 1
              cpuNumber: 1
              memoryMB: 64
              gpuNumber: 2
              command: env; pwd
              dockerImage: example/digits:v1
              ports: [5000, {name: metrics, port: 5001}]
              env: {SHARED: of-the-role}
            """;

    @Test
    void aTaskSeesItsEnvironmentAndNothingOfThePlatforms() throws Exception {
        var job = JobId.next();
        var said = workload(job, ENVIRONMENT);
        machine.apply(new Workload(
                job,
                said.run(),
                said.grace(),
                said.spec(),
                "ada",
                Map.of(),
                Map.of("SHUSUAN_AGENT_REPORT_URL", "http://x"),
                List.of(),
                null));
        var attempt = machine.ended(job).getFirst();
        var lines = machine.output(job, "main-0-1");
        var env = lines.stream()
                .filter(line -> line.contains("="))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1], (one, other) -> other));
        var ports = attempt.endpoints().stream().map(Attempt.Endpoint::port).toList();
        assertThat(env)
                .containsEntry("MODEL", "digits")
                .containsEntry("SHARED", "of-the-role")
                .containsEntry("QUOTED", "a 'b' \"c\" $HOME")
                .containsEntry("HOST", "127.0.0.1")
                .containsEntry("PORT", ports.get(0).toString())
                .containsEntry("PORT_0", ports.get(0).toString())
                .containsEntry("PORT_1", ports.get(1).toString())
                .containsEntry("SHUSUAN_JOB_ID", job.toString())
                .containsEntry("SHUSUAN_JOB_NAME", "digits")
                .containsEntry("SHUSUAN_TASK_ROLE", "main")
                .containsEntry("SHUSUAN_TASK_INDEX", "0")
                .containsEntry("SHUSUAN_ATTEMPT_ID", job + "/main-0-1")
                .containsEntry("SHUSUAN_ARTIFACTS", machine.artifacts(job).toString())
                .containsEntry("SHUSUAN_AGENT_REPORT_URL", "http://x")
                .containsEntry("CUDA_VISIBLE_DEVICES", "0,1");
        assertThat(attempt.endpoints()).extracting(Attempt.Endpoint::name).containsExactly("port-0", "metrics");
        var ours = List.of("HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "TMPDIR", "JAVA_HOME", "PATH");
        assertThat(System.getenv().keySet()).anyMatch(name -> !ours.contains(name));
        assertThat(env.keySet())
                .doesNotContainAnyElementsOf(System.getenv().keySet().stream()
                        .filter(name -> !ours.contains(name))
                        .filter(name ->
                                !List.of("PWD", "OLDPWD", "SHLVL", "_", "HOST").contains(name))
                        .toList());
        assertThat(lines.getLast())
                .isEqualTo(machine.attempt(job, "main-0", 1).resolve("work").toString());
        assertThat(machine.observe(job).events())
                .singleElement()
                .satisfies(event -> assertThat(event.reason()).isEqualTo("ImageNotUsed"));
    }

    @Test
    void twoTasksNeverShareAGpuAndWithoutOneSeeNone() throws Exception {
        var withGpus =
                job("training", 2, "echo gpus=$CUDA_VISIBLE_DEVICES", "").replace("gpuNumber: 0", "gpuNumber: 2");
        var job = machine.run(withGpus);
        machine.ended(job);
        assertThat(List.of(
                        machine.output(job, "main-0-1").getFirst(),
                        machine.output(job, "main-1-1").getFirst()))
                .containsExactlyInAnyOrder("gpus=0,1", "gpus=2,3");
        var without = machine.run(training("echo gpus=$CUDA_VISIBLE_DEVICES"));
        machine.ended(without);
        assertThat(machine.output(without, "main-0-1")).containsExactly("gpus=");
    }

    @Test
    void anExitCodeTellsSuccessAndFailure() throws Exception {
        var good = machine.run(training("exit 0"));
        var bad = machine.run(training("exit 42"));
        var killed = machine.run(training("kill -KILL $$"));
        var absent = machine.run(training("no-such-command"));
        assertThat(machine.ended(good).getFirst().phase()).isEqualTo(Phase.SUCCEEDED);
        assertThat(machine.ended(bad).getFirst()).satisfies(attempt -> {
            assertThat(attempt.phase()).isEqualTo(Phase.FAILED);
            assertThat(attempt.exitCode()).isEqualTo(42);
            assertThat(attempt.message()).isEqualTo("ended with exit code 42");
            assertThat(attempt.startedAt()).isBeforeOrEqualTo(attempt.finishedAt());
        });
        assertThat(machine.ended(killed).getFirst().exitCode()).isEqualTo(137);
        assertThat(machine.ended(absent).getFirst().exitCode()).isEqualTo(127);
    }

    @Test
    void outputAndErrorsComeInTheOrderTheyWereWritten() throws Exception {
        var job = machine.run(training("for i in 1 2 3; do echo out $i; echo err $i >&2; done"));
        machine.ended(job);
        assertThat(machine.output(job, "main-0-1"))
                .containsExactly("out 1", "err 1", "out 2", "err 2", "out 3", "err 3");
    }

    @Test
    void aTaskMayBeInterruptedAsAtATerminal() throws Exception {
        // Commands in the background of a shell ignore SIGINT for ever; a task must not.
        var job = machine.run(training("kill -INT $$; echo still here"));
        assertThat(machine.ended(job).getFirst().exitCode()).isEqualTo(130);
    }

    @Test
    void sayingAWorkloadAgainRunsItOnce() throws Exception {
        var job = JobId.next();
        var said = workload(job, training(3, "echo ran >>$SHUSUAN_ARTIFACTS/runs"));
        var threads = List.of(1, 2, 3, 4, 5, 6, 7, 8).stream()
                .map(i -> Thread.ofVirtual().start(() -> applyUnchecked(said)))
                .toList();
        for (var thread : threads) {
            thread.join();
        }
        machine.ended(job);
        machine.apply(said);
        machine.restart();
        machine.apply(said);
        machine.ended(job);
        assertThat(Files.readAllLines(machine.artifacts(job).resolve("runs"))).hasSize(3);
    }

    private void applyUnchecked(Workload said) {
        try {
            machine.cluster().apply(said);
        } catch (ClusterUnavailableException | ClusterRefusedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void replicasHavePortsOfTheirOwnAndAreReadyOnceTheyListen() throws Exception {
        var job = machine.run(serving(3, """
                echo $PORT >$SHUSUAN_ARTIFACTS/port-$SHUSUAN_TASK_INDEX
                while ! [ -e $SHUSUAN_ARTIFACTS/go ]; do sleep 0.05; done
                exec python3 -m http.server --bind $HOST $PORT"""));
        for (var i = 0; i < 3; i++) {
            machine.told(job, "port-" + i);
        }
        assertThat(machine.observe(job).attempts()).noneMatch(Attempt::ready);
        assertThat(machine.observe(job).attempts().stream()
                        .map(attempt -> attempt.endpoints().getFirst().port()))
                .doesNotHaveDuplicates()
                .hasSize(3);
        Files.createFile(machine.artifacts(job).resolve("go"));
        TestMachine.awaiting()
                .until(() -> machine.observe(job).attempts().stream().allMatch(Attempt::ready));
    }

    @Test
    void changesAreToldWithoutAsking() throws Exception {
        var told = new CountDownLatch(2); // its start and its end
        machine.cluster().onChange(job -> told.countDown());
        machine.run(training("true"));
        assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aVolumeOfKubernetesIsRefusedAndSoAreDeletedArtifacts() {
        var text = training("true") + "mounts:\n- {name: data, path: /data, readOnly: true, pvc: shared}\n";
        assertThatThrownBy(() -> machine.run(text))
                .isInstanceOf(ClusterRefusedException.class)
                .hasMessageContaining("mount data");
        var mounting = training("true") + "mounts:\n- {name: model, path: /model, artifacts: other}\n";
        assertThatThrownBy(() -> machine.apply(workload(JobId.next(), mounting, Map.of("model", JobId.next()))))
                .isInstanceOf(ClusterRefusedException.class)
                .hasMessageContaining("were deleted");
    }

    @Test
    void theArtifactsOfOneJobAreMountedInAnother() throws Exception {
        var source = machine.run(training("echo weights >$SHUSUAN_ARTIFACTS/model"));
        machine.ended(source);
        var job = JobId.next();
        var text = training("cat $SHUSUAN_MOUNT_MY_MODEL/model")
                + "mounts:\n- {name: my-model, path: /model, artifacts: other}\n";
        machine.apply(workload(job, text, Map.of("my-model", source)));
        machine.ended(job);
        assertThat(machine.output(job, "main-0-1")).containsExactly("weights");
    }

    @Test
    void aDiskThatRefusesIsToldAndTheNextTrySucceeds() throws Exception {
        var tasks = home.resolve("tasks");
        var aside = home.resolve("aside");
        Files.move(tasks, aside);
        Files.createFile(tasks);
        var job = JobId.next();
        var said = workload(job, training("echo ran >>$SHUSUAN_ARTIFACTS/runs"));
        assertThatThrownBy(() -> machine.apply(said))
                .isInstanceOf(ClusterUnavailableException.class)
                .hasMessageContaining("cannot start tasks");
        assertThat(machine.cluster().health()).isInstanceOf(ClusterHealth.Unreachable.class);
        Files.delete(tasks);
        Files.move(aside, tasks);
        assertThat(machine.cluster().health()).isInstanceOf(ClusterHealth.Reachable.class);
        machine.apply(said);
        machine.ended(job);
        assertThat(machine.told(job, "runs")).isEqualTo("ran");
    }

    @Test
    void removingDeletesAllAndFollowsNoLink() throws Exception {
        var outside = Files.createDirectory(home.resolve("outside"));
        Files.writeString(outside.resolve("precious"), "");
        var job = machine.run(training("""
                ln -s %1$s here; ln -s %1$s $SHUSUAN_ARTIFACTS/there
                mkdir -p closed/inner; touch closed/inner/file; chmod 0 closed/inner closed
                echo $$ >$SHUSUAN_ARTIFACTS/pid; sleep 1000""".formatted(outside)));
        var pid = machine.told(job, "pid");
        machine.cluster().remove(job);
        assertThat(TestMachine.lives(pid)).isFalse();
        assertThat(home.resolve("tasks").resolve(job.toString())).doesNotExist();
        assertThat(machine.artifacts(job)).doesNotExist();
        assertThat(outside.resolve("precious")).exists();
        assertThat(machine.cluster().observe(job)).isEmpty();
        assertThat(machine.cluster().jobs()).isEmpty();
        machine.cluster().remove(job);
    }

    @Test
    void nobodyRemainsAfterManyShortJobs() throws Exception {
        var threads = Thread.getAllStackTraces().size();
        var jobs = new JobId[40];
        for (var i = 0; i < jobs.length; i++) {
            jobs[i] = machine.run(training("exit $((SHUSUAN_TASK_INDEX))"));
        }
        Arrays.stream(jobs).forEach(machine::ended);
        // The JDK keeps idle reapers of processes for a minute; ours do not grow with jobs.
        assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> !thread.getName().startsWith("process reaper"))
                        .count())
                .isLessThanOrEqualTo(threads + 8);
    }
}
