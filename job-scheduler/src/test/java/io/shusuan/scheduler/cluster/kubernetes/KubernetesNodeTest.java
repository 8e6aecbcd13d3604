package io.shusuan.scheduler.cluster.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.cluster.Attempt;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import io.shusuan.scheduler.cluster.Attempt.Phase;
import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import io.shusuan.scheduler.cluster.LogReader.Read;
import io.shusuan.scheduler.cluster.Workload;
import io.shusuan.scheduler.spec.Mount;
import io.shusuan.scheduler.spec.TaskPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods that really run, on the node of the testbed, which is this machine. */
@NeedsKubernetes(node = true)
class KubernetesNodeTest {

    private static final String IMAGE = "shusuan/testbox:latest";
    private static final Resources SMALL = new Resources(50, 64, 0);
    private static final LogQuery ALL = new LogQuery(null, -1, false);

    @TempDir
    private static Path artifacts;

    private static RealCluster real;
    private static KubernetesCluster cluster;

    @BeforeAll
    static void connect() throws IOException {
        real = new RealCluster();
        Files.setPosixFilePermissions(artifacts.getParent(), EnumSet.allOf(PosixFilePermission.class));
        Files.setAttribute(artifacts, "unix:mode", 01777);
        cluster = real.connect(real.settings(
                real.kubeconfig(),
                Set.of(new QueueName("rooted")),
                new StorageSource.HostPath(artifacts.toString()),
                Duration.ofSeconds(90)));
    }

    @AfterAll
    static void close() {
        real.close();
    }

    private static Workloads training(String name, String command, int tasks) {
        return Workloads.training(name).role("trainer", tasks, SMALL, command, IMAGE);
    }

    @Test
    void aTaskHasTheEnvironmentOfTheContractAndItsCommandAsWritten() throws Exception {
        Workload workload = Workloads.training("environment")
                .env("PRICE", "$5 $(HOST) $$")
                .role(
                        "trainer",
                        1,
                        SMALL,
                        "echo pid $$ is not empty; echo index=$SHUSUAN_TASK_INDEX host=$HOST port=$PORT second=$PORT_1;"
                                + " echo \"price=$PRICE\"; echo user=$(id -u) role=$SHUSUAN_TASK_ROLE;"
                                + " echo job=$SHUSUAN_JOB_ID attempt=$SHUSUAN_ATTEMPT_ID; pwd",
                        IMAGE,
                        new TaskPort("a", 5000),
                        new TaskPort("b", 5001))
                .make();
        cluster.apply(workload);
        Attempt done = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.SUCCEEDED);

        assertThat(read(workload, done.uid(), ALL))
                .anyMatch(line -> line.matches("pid \\d+ is not empty"))
                .contains(
                        "index=0 host=0.0.0.0 port=5000 second=5001",
                        "price=$5 $(HOST) $$",
                        "user=1000 role=trainer",
                        "job=%s attempt=%s".formatted(workload.job(), done.uid()));
        assertThat(done.exitCode()).isZero();
        assertThat(done.node()).isEqualTo("testbed");
        assertThat(done.startedAt()).isNotNull();
        assertThat(done.finishedAt()).isNotNull();
    }

    @Test
    void whatAJobWritesAnotherJobReads() throws Exception {
        Workload writer =
                training("writer", "echo 42 > $SHUSUAN_ARTIFACTS/answer", 1).make();
        cluster.apply(writer);
        real.awaitAttempt(cluster, writer.job(), each -> each.phase() == Phase.SUCCEEDED);
        assertThat(artifacts.resolve(writer.job().toString()).resolve("answer")).hasContent("42");

        Workload reader = training(
                        "reader", "cat $SHUSUAN_MOUNT_MODEL/answer; touch $SHUSUAN_MOUNT_MODEL/x || echo read-only", 1)
                .artifactsOf(writer.job(), "model", "/model")
                .make();
        cluster.apply(reader);
        Attempt done = real.awaitAttempt(cluster, reader.job(), each -> each.phase() == Phase.SUCCEEDED);
        assertThat(read(reader, done.uid(), ALL)).contains("42", "read-only");
    }

    @Test
    void aTaskThatFailsFailsWithItsExitCode() throws Exception {
        Workload workload = training("fails", "echo no >&2; exit 7", 1).make();
        cluster.apply(workload);
        Attempt failed = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.FAILED);
        assertThat(failed.exitCode()).isEqualTo(7);
        assertThat(failed.message()).isEqualTo("It ended with exit code 7.");
        assertThat(read(workload, failed.uid(), ALL)).containsExactly("no");
    }

    @Test
    void anImageThatIsNowhereIsSaid() throws Exception {
        Workload workload = Workloads.training("nowhere")
                .role("trainer", 1, SMALL, "true", "127.0.0.1:1/nothing:1")
                .make();
        cluster.apply(workload);
        Attempt waiting = real.awaitAttempt(
                cluster,
                workload.job(),
                each -> each.reason() != null && each.reason().matches("ErrImagePull|ImagePullBackOff"));
        assertThat(waiting.message()).contains("127.0.0.1:1/nothing:1");
        real.awaitObservation(
                cluster,
                workload.job(),
                seen -> seen.events().stream().anyMatch(each -> each.message().contains("127.0.0.1:1/nothing:1")));
    }

    @Test
    void aLogIsFollowedAndTakenUpAgain() throws Exception {
        Workload workload = training(
                        "talks", "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); sleep 0.02; done", 1)
                .make();
        cluster.apply(workload);
        Attempt running = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.RUNNING);

        var texts = new ArrayList<String>();
        String cursor = null;
        boolean ended = false;
        while (!ended) { // a new reader every 30 lines
            try (LogReader log = cluster.logs(workload.job(), running.uid(), new LogQuery(cursor, -1, true))) {
                int taken = 0;
                while (taken < 30 && !ended) {
                    switch (log.next(Duration.ofSeconds(20))) {
                        case Read.Line line -> {
                            texts.add(line.text());
                            cursor = line.cursor();
                            taken++;
                        }
                        case Read.Quiet _ -> throw new AssertionError("nothing for long, after " + texts);
                        case Read.End _ -> ended = true;
                        case Read.Gone gone -> throw new AssertionError(gone.why());
                    }
                }
            }
        }

        assertThat(texts)
                .hasSize(200)
                .startsWith("line 0", "line 1")
                .endsWith("line 199")
                .doesNotHaveDuplicates();
        assertThat(read(workload, running.uid(), new LogQuery(null, 2, false))).containsExactly("line 198", "line 199");
    }

    @Test
    void aReaderWaitsNoLongerThanItIsTold() throws Exception {
        Workload workload = training("mute", "sleep 100", 1).make();
        cluster.apply(workload);
        Attempt running = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.RUNNING);
        try (LogReader log = cluster.logs(workload.job(), running.uid(), new LogQuery(null, -1, true))) {
            assertThat(log.next(Duration.ofMillis(50))).isEqualTo(new Read.Quiet());
        }
    }

    @Test
    void everyRunOfARestartedReplicaIsAnAttemptWithALog() throws Exception {
        Workload workload = Workloads.inference("crashes")
                .role("server", 1, SMALL, "echo run $(date +%s%N); exit 3", IMAGE, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        Attempt second =
                real.awaitAttempt(cluster, workload.job(), each -> each.number() == 2 && each.phase() == Phase.FAILED);
        Attempt first = real.awaitAttempt(cluster, workload.job(), each -> each.number() == 1);

        assertThat(first.phase()).isEqualTo(Phase.FAILED);
        assertThat(first.exitCode()).isEqualTo(3);
        assertThat(second.uid()).isEqualTo(first.uid() + ".1");
        assertThat(read(workload, second.uid(), ALL)).singleElement().asString().startsWith("run ");
        real.awaitAttempt(cluster, workload.job(), each -> "CrashLoopBackOff".equals(each.reason()));
    }

    @Test
    void aReplicaThatIsStoppedWhileItWaitsForARestartIsOver() throws Exception {
        Workload workload = Workloads.inference("gives-up")
                .role("server", 1, SMALL, "sleep 1; exit 3", IMAGE, new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        real.awaitAttempt(
                cluster, workload.job(), each -> each.number() > 2 && "CrashLoopBackOff".equals(each.reason()));

        real.stop(cluster, workload, Duration.ZERO);

        var seen = real.awaitObservation(
                cluster,
                workload.job(),
                all -> all.attempts().stream().allMatch(each -> each.phase().isFinal()));
        await().until(() -> real.pods(workload).isEmpty());
        assertThat(seen.attempts()).extracting(Attempt::exitCode).containsOnly(3);
        assertThat(seen.attempts()).extracting(Attempt::startedAt).doesNotHaveDuplicates();
    }

    @Test
    void aReplicaAnswersDirectlyAndThroughItsService() throws Exception {
        Workload workload = Workloads.inference("answers")
                .role(
                        "server",
                        2,
                        SMALL,
                        "mkdir -p /tmp/www && echo hello > /tmp/www/index.html && exec busybox httpd -f -p $HOST:$PORT -h /tmp/www",
                        IMAGE,
                        new TaskPort("http", 5000))
                .make();
        cluster.apply(workload);
        var seen = real.awaitObservation(
                cluster,
                workload.job(),
                all -> all.attempts().stream().filter(Attempt::ready).count() == 2);

        for (Attempt each : seen.attempts()) {
            Endpoint endpoint = each.endpoints().getFirst();
            assertThat(get(endpoint.host() + ":" + endpoint.port())).contains("hello");
        }
        String address = real.client
                .services()
                .inNamespace(real.namespace(workload))
                .withName(RealCluster.name(workload, "server"))
                .require()
                .getSpec()
                .getClusterIP();
        await().ignoreExceptions().until(() -> get(address + ":80"), body -> body.contains("hello"));
    }

    @Test
    void aReplicaIsReadyOnlyWhileItsPathSaysSo() throws Exception {
        var http = new TaskPort("http", 5000);
        Workload workload = Workloads.inference("tells")
                .readyBy("/health/ready", http)
                .role(
                        "server",
                        1,
                        SMALL,
                        "mkdir $SHUSUAN_ARTIFACTS/health && exec busybox httpd -f -p $HOST:$PORT -h $SHUSUAN_ARTIFACTS",
                        IMAGE,
                        http)
                .make();
        cluster.apply(workload);
        Attempt refused = real.awaitAttempt(
                cluster,
                workload.job(),
                each -> each.message() != null && each.message().endsWith("The last answer was 404."));
        assertThat(refused.ready()).isFalse();
        assertThat(refused.message())
                .isEqualTo("It runs, but GET /health/ready on port 5000 does not say yet that it is ready."
                        + " The last answer was 404.");
        Endpoint endpoint = refused.endpoints().getFirst();
        assertThat(get(endpoint.host() + ":" + endpoint.port())).contains("404"); // its port is open all the time

        Path said = artifacts.resolve(workload.job().toString()).resolve("health/ready");
        Files.createFile(said);
        Attempt ready = real.awaitAttempt(cluster, workload.job(), Attempt::ready);
        assertThat(ready.uid()).isEqualTo(refused.uid());
        assertThat(ready.message()).isNull();

        Files.delete(said);
        real.awaitAttempt(cluster, workload.job(), each -> !each.ready());
    }

    @Test
    void aStoppedTaskIsAskedFirstAndItsLogGoesWithIt() throws Exception {
        Workload workload = training("stops", "trap 'exit 9' TERM; echo up; while true; do sleep 0.1; done", 1)
                .make();
        cluster.apply(workload);
        Attempt running = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.RUNNING);
        await().until(() -> read(workload, running.uid(), ALL).contains("up"));

        real.stop(cluster, workload, Duration.ofSeconds(10));

        Attempt ended = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.FAILED);
        assertThat(ended.exitCode()).isEqualTo(9);
        await().until(() -> real.pods(workload).isEmpty());
        await().untilAsserted(() -> assertThatThrownBy(() -> read(workload, running.uid(), ALL))
                .isInstanceOf(NoSuchElementException.class)
                .hasMessageContaining("Its log is gone"));
        cluster.remove(workload.job());
        await().until(() -> !cluster.jobs().contains(workload.job()));
    }

    @Test
    void whatHadEndedKeepsItsLogWhenTheRestIsStopped() throws Exception {
        Workload workload = Workloads.training("half-over")
                .role("chief", 1, SMALL, "echo no >&2; exit 7", IMAGE)
                .role("worker", 1, SMALL, "trap 'exit 9' TERM; while true; do sleep 0.1; done", IMAGE)
                .make();
        cluster.apply(workload);
        Attempt failed = real.awaitAttempt(
                cluster, workload.job(), each -> Integer.valueOf(7).equals(each.exitCode()));
        real.awaitAttempt(
                cluster, workload.job(), each -> each.role().equals("worker") && each.phase() == Phase.RUNNING);

        real.stop(cluster, workload, Duration.ofSeconds(2));

        real.awaitObservation(
                cluster,
                workload.job(),
                seen -> seen.attempts().stream().allMatch(each -> each.phase().isFinal()));
        await().until(() -> real.pods(workload).size() == 1);
        assertThat(read(workload, failed.uid(), ALL)).containsExactly("no");
        cluster.remove(workload.job());
        await().until(() -> !cluster.jobs().contains(workload.job()));
        assertThat(real.pods(workload)).isEmpty();
    }

    @Test
    void aTaskWaitsForItsClaimAndWritesToIt(@TempDir Path volume) throws Exception {
        Files.setAttribute(volume, "unix:mode", 01777);
        Workload workload = training("claims", "echo 42 > /data/answer", 1)
                .mount(new Mount.Claim("data", "/data", false, "datasets"))
                .make();
        cluster.apply(workload);
        Attempt waiting = real.awaitAttempt(cluster, workload.job(), each -> each.message() != null);
        assertThat(waiting.message()).contains("persistentvolumeclaim \"datasets\" not found");

        real.claim(real.namespace(workload), "datasets", volume);

        real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.SUCCEEDED);
        assertThat(volume.resolve("answer")).hasContent("42");
    }

    @Test
    void aFolderThatCannotBeMountedIsSaid() throws Exception {
        Workload workload = training("unmounted", "true", 1)
                .mount(new Mount.Nfs("data", "/data", true, "127.0.0.1", "/nothing"))
                .make();
        cluster.apply(workload);
        Attempt waiting = real.awaitAttempt(cluster, workload.job(), each -> "FailedMount".equals(each.reason()));
        assertThat(waiting.phase()).isEqualTo(Phase.PENDING);
        assertThat(waiting.message()).contains("-t nfs").contains("127.0.0.1:/nothing");
        cluster.remove(workload.job());
    }

    @Test
    void aTrustedQueueRunsImagesAsTheyAre() throws Exception {
        String command = "id -u; touch /here && chown 1234 /here && echo owned by $(stat -c %u /here)";
        Workload trusted = Workloads.training("as-root")
                .queue("rooted")
                .role("trainer", 1, SMALL, command, "shusuan/testbox-root:latest")
                .make();
        Workload other = Workloads.training("as-root")
                .role("trainer", 1, SMALL, command, "shusuan/testbox-root:latest")
                .make();
        cluster.apply(trusted);
        cluster.apply(other);
        Attempt done =
                real.awaitAttempt(cluster, trusted.job(), each -> each.phase().isFinal());
        assertThat(read(trusted, done.uid(), ALL)).containsExactly("0", "owned by 1234");
        Attempt refused =
                real.awaitAttempt(cluster, other.job(), each -> each.phase().isFinal());
        assertThat(read(other, refused.uid(), ALL)).startsWith("1000").anyMatch(each -> each.contains("denied"));
    }

    @Test
    void aTaskThatTakesTooMuchMemoryIsToldSo() throws Exception {
        Workload workload = Workloads.training("greedy")
                .role(
                        "trainer",
                        1,
                        new Resources(100, 16, 0),
                        "x=$(busybox head -c 100000000 /dev/zero | tr '\\0' x); echo $x",
                        IMAGE)
                .make();
        cluster.apply(workload);
        Attempt failed = real.awaitAttempt(cluster, workload.job(), each -> each.phase() == Phase.FAILED);
        assertThat(failed.reason()).isEqualTo("OOMKilled");
        assertThat(failed.message()).contains("16Mi");
    }

    private static List<String> read(Workload workload, String attempt, LogQuery query) throws Exception {
        var lines = new ArrayList<String>();
        try (LogReader log = cluster.logs(workload.job(), attempt, query)) {
            Instant deadline = Instant.now().plusSeconds(20);
            while (Instant.now().isBefore(deadline)) {
                switch (log.next(Duration.ofSeconds(5))) {
                    case Read.Line line -> lines.add(line.text());
                    case Read.Quiet _ -> {}
                    case Read.End _ -> {
                        return lines;
                    }
                    case Read.Gone gone -> throw new NoSuchElementException(gone.why());
                }
            }
        }
        throw new AssertionError("the log does not end: " + lines);
    }

    /**
     * On a connection of its own: until the node's proxy knows a Service, its address leads out of the machine, and what
     * answers there would be asked again and again.
     */
    private static String get(String address) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://" + address + "/"))
                                    .timeout(Duration.ofSeconds(2))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }
}
