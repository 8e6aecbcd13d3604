package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.SpecAssert.assertThatJobWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatRoleWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobKind;
import io.shusuan.db.job.JobName;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SpecReaderTest {

    private static final JobSpec SEED = new JobSpec(
            new JobName("pytorch-inference"),
            JobKind.INFERENCE,
            null,
            QueueName.DEFAULT,
            0,
            null,
            null,
            null,
            false,
            Map.of(),
            List.of(),
            List.of(),
            null,
            ServiceType.CLUSTER_IP,
            List.of(new TaskRole(
                    "inference",
                    1,
                    1,
                    new Resources(4000, 8192, 1),
                    NodeChoice.ANY,
                    "python inference.py",
                    "your-registry/pytorch-inference:v1",
                    List.of(new TaskPort("port-0", 5000)),
                    null,
                    Map.of())));

    @Test
    void readsTheSeed() {
        var parsed = assertThatSpec(Examples.SEED).isAccepted();
        assertThat(parsed.spec()).isEqualTo(SEED);
        assertThat(parsed.assumptions()).containsExactly("kind: inference, since task role 'inference' has ports");
    }

    @Test
    void readsTheSeedAsJson() {
        assertThat(assertThatSpec(Examples.SEED_AS_JSON).isAccepted().spec()).isEqualTo(SEED);
    }

    @Test
    void readsJsonOnOneLine() {
        var json = Examples.SEED_AS_JSON
                .replaceAll("[\\n\\t ]+(?=[\\]\\[{}\"])", "")
                .strip();
        assertThat(assertThatSpec(json).isAccepted().spec()).isEqualTo(SEED);
    }

    @Test
    void readsEveryKey() {
        var parsed = assertThatSpec(Examples.FULL).isAccepted();
        var spec = parsed.spec();
        assertThat(spec.kind()).isEqualTo(JobKind.INFERENCE);
        assertThat(spec.description()).isEqualTo("Serves the digits model.\n手写数字\n");
        assertThat(spec.queue()).isEqualTo(new QueueName("vision"));
        assertThat(spec.priority()).isEqualTo(-10);
        assertThat(spec.env())
                .containsExactly(Map.entry("MODEL", "digits"), Map.entry("THREADS", "4"), Map.entry("VERBOSE", "true"));
        assertThat(spec.imagePullSecrets()).containsExactly("registry.example.com", "backup");
        assertThat(spec.mounts())
                .containsExactly(
                        new Mount.Artifacts("models", "/models", new JobName("digits-train")),
                        new Mount.Claim("data", "/data", true, "shared-data"),
                        new Mount.Nfs("scratch", "/scratch", false, "10.0.0.7", "/export/scratch"));
        assertThat(spec.ingress())
                .isEqualTo(new Ingress(
                        "*.models.example.com",
                        "/digits",
                        "nginx",
                        Map.of("nginx.ingress.kubernetes.io/proxy-body-size", "64m", "team", "vision")));
        assertThat(spec.serviceType()).isEqualTo(ServiceType.NODE_PORT);
        assertThat(spec.taskRoles().getFirst().perTask()).isEqualTo(new Resources(500, 512, 2));
        assertThat(spec.taskRoles().getFirst().ports())
                .containsExactly(
                        new TaskPort("port-0", 8000), new TaskPort("grpc", 8001), new TaskPort("metrics", 8002));
        assertThat(spec.taskRoles().getFirst().readiness())
                .isEqualTo(new Readiness("/v2/health/ready", new TaskPort("port-0", 8000)));
        assertThat(spec.taskCount()).isEqualTo(3);
        assertThat(parsed.assumptions())
                .containsExactly(
                        "task role 'sidecar': taskNumber 1, cpuNumber 1, memoryMB 1024, since the text does not say");
    }

    @Test
    void takesAJobWithoutPortsForTraining() {
        var parsed = assertThatRoleWith("memoryMB: 2048").isAccepted();
        assertThat(parsed.spec().kind()).isEqualTo(JobKind.TRAINING);
        assertThat(parsed.assumptions())
                .containsExactly(
                        "kind: training, since no task role has ports",
                        "task role 'worker': taskNumber 1, cpuNumber 1, since the text does not say");
    }

    @Test
    void letsATrainingJobHavePorts() {
        assertThat(assertThatJobWith("kind: training").isAccepted().spec().kind())
                .isEqualTo(JobKind.TRAINING);
    }

    @Test
    void leavesOutAByteOrderMark() {
        assertThat(assertThatSpec("\uFEFF" + Examples.SEED).isAccepted().spec()).isEqualTo(SEED);
    }

    @Test
    void readsLinesThatEndAsOnWindows() {
        assertThat(assertThatSpec(Examples.SEED.replace("\n", "\r\n"))
                        .isAccepted()
                        .spec())
                .isEqualTo(SEED);
    }

    @Test
    void readsADocumentBetweenMarkers() {
        assertThat(assertThatSpec("%YAML 1.2\n---\n" + Examples.SEED + "...\n")
                        .isAccepted()
                        .spec())
                .isEqualTo(SEED);
    }

    @Test
    void takesWordsThatOlderYamlTookForBooleans() {
        assertThat(assertThatJobWith("env: {A: no, B: on, C: 010, D: 2026-01-01, E: 1e3}")
                        .isAccepted()
                        .spec()
                        .env())
                .containsExactly(
                        Map.entry("A", "no"),
                        Map.entry("B", "on"),
                        Map.entry("C", "010"),
                        Map.entry("D", "2026-01-01"),
                        Map.entry("E", "1e3"));
    }
}
