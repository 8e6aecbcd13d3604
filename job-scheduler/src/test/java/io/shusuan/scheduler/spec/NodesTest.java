package io.shusuan.scheduler.spec;

import static io.shusuan.scheduler.spec.FaultCode.*;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatJobWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatRoleWith;
import static io.shusuan.scheduler.spec.SpecAssert.assertThatSpec;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a job may run, and how long. */
class NodesTest {

    @Test
    void aRoleSaysWhichNodesItTakes() {
        var spec = assertThatSpec(Examples.FULL).isAccepted().spec();
        assertThat(spec.taskRoles().getFirst().nodes())
                .isEqualTo(new NodeChoice(
                        Map.of(GpuLabels.MODEL, "NVIDIA-H100-80GB-HBM3", "zone", "a", "example.com/tier", "1"),
                        Set.of("dedicated", "example.com/maintenance"),
                        80,
                        null));
        assertThat(spec.taskRoles().getLast().nodes()).isEqualTo(NodeChoice.ANY);
        assertThat(spec.topology()).isEqualTo(new Topology("rack", true, Topology.Packing.PACK));
        assertThat(spec.timeLimit()).isEqualTo(Duration.ofHours(8));
    }

    @Test
    void nearnessIsAWishUnlessItIsRequired() {
        assertThat(assertThatJobWith("topology: {level: node}")
                        .isAccepted()
                        .spec()
                        .topology())
                .isEqualTo(new Topology("node", false, Topology.Packing.PACK));
        assertThatJobWith("topology: {required: true}")
                .hasOneFault()
                .withCode(MISSING)
                .atPath("topology.level");
        assertThatJobWith("topology: rack").hasOneFault().withCode(WRONG_TYPE).allowing("level, required, packing");
    }

    @Test
    void tasksArePackedUnlessTheyAreToBeSpreadOrBalanced() {
        assertThat(topology("packing: spread")).isEqualTo(new Topology(null, false, Topology.Packing.SPREAD));
        assertThat(topology("level: rack, required: true, packing: spread"))
                .isEqualTo(new Topology("rack", true, Topology.Packing.SPREAD));
        assertThat(topology("level: rack, packing: balance"))
                .isEqualTo(new Topology("rack", false, Topology.Packing.BALANCE));
        assertThat(topology("level: rack, packing: pack"))
                .isEqualTo(new Topology("rack", false, Topology.Packing.PACK));
        assertThatJobWith("topology: {packing: balance}")
                .hasOneFault()
                .withCode(MISSING)
                .atPath("topology.level");
        assertThatJobWith("topology: {packing: spread, required: true}")
                .hasOneFault()
                .withCode(MISSING)
                .atPath("topology.level");
        assertThatJobWith("topology: {packing: sprad}")
                .hasOneFault()
                .withCode(BAD_FORMAT)
                .suggesting("spread");
        assertThatJobWith("topology: {level: rack, required: true, packing: balance}")
                .hasOneFaultAt(1, 25)
                .withCode(CONFLICT)
                .atPath("topology.required")
                .saying("there is nothing to balance");
    }

    private static @Nullable Topology topology(String text) {
        return assertThatJobWith("topology: {%s}".formatted(text))
                .isAccepted()
                .spec()
                .topology();
    }

    @ParameterizedTest
    @CsvSource({"1s, PT1S", "90s, PT90S", "30m, PT30M", "8h, PT8H", "365d, P365D"})
    void timeIsANumberAndAUnit(String text, Duration limit) {
        assertThat(assertThatJobWith("timeLimit: " + text).isAccepted().spec().timeLimit())
                .isEqualTo(limit);
    }

    @ParameterizedTest
    @ValueSource(strings = {"30", "0m", "-1h", "1.5h", "1h30m", "PT30M", "30 m", "9999999999s", "''", "soon"})
    void refusesOtherTimes(String text) {
        assertThatJobWith("timeLimit: " + text)
                .hasOneFault()
                .withCode(BAD_FORMAT)
                .allowing("90s, 30m, 8h or 2d, at most 365d");
    }

    @Test
    void refusesTimesThatAreTooLong() {
        assertThatJobWith("timeLimit: 366d")
                .hasOneFault()
                .withCode(OUT_OF_RANGE)
                .atPath("timeLimit");
        assertThatJobWith("timeLimit: [1h]").hasOneFault().withCode(WRONG_TYPE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpuType: H100", "gpuMemory: 80", "mig: 1g.10gb", "gpuNumber: 0\ngpuType: H100"})
    void whoChoosesAmongGpusAsksForSome(String lines) {
        assertThatRoleWith(lines).hasOneFault().withCode(CONFLICT).saying("add gpuNumber");
    }

    @Test
    void aBadNumberOfGpusIsTheOnlyFault() {
        assertThatRoleWith("gpuNumber: many\ngpuType: H100").hasOneFault().atPath("taskRoles[0].gpuNumber");
    }

    @Test
    void aModelIsNamedAsItsLabelIs() {
        var fault = assertThatRoleWith("gpuNumber: 1\ngpuType: NVIDIA H100 80GB")
                .hasOneFault()
                .withCode(BAD_FORMAT);
        assertThat(fault.fault().suggestion()).isEqualTo("NVIDIA-H100-80GB");
        assertThatRoleWith("gpuNumber: 1\ngpuType: H100\nnodeSelector: {nvidia.com/gpu.product: A100}")
                .hasOneFault()
                .withCode(CONFLICT)
                .atPath("taskRoles[0].gpuType")
                .saying("leave out one of the two");
    }

    @Test
    void aSliceIsNamedByItsProfile() {
        var nodes = nodes("gpuNumber: 2\nmig: 1g.10gb");
        assertThat(nodes.slices()).isEqualTo("1g.10gb");
        assertThat(nodes.labels()).isEmpty();
        assertThat(nodes("gpuNumber: 1\nmig: 1g.10gb\ngpuType: A100").labels())
                .containsEntry(GpuLabels.MODEL, "A100-MIG-1g.10gb");
        assertThat(nodes("gpuNumber: 1\ngpuType: A100-MIG-3g.20gb").slices()).isEqualTo("3g.20gb");
        assertThat(nodes("gpuNumber: 1").slices()).isEmpty();
        assertThatRoleWith("gpuNumber: 1\nmig: 1g.10gb\ngpuType: A100-MIG-3g.20gb")
                .hasOneFault()
                .withCode(CONFLICT)
                .atPath("taskRoles[0].mig")
                .saying("leave out one of the two");
    }

    private static NodeChoice nodes(String lines) {
        return assertThatRoleWith(lines)
                .isAccepted()
                .spec()
                .taskRoles()
                .getFirst()
                .nodes();
    }

    @ParameterizedTest
    @CsvSource({"MIG 1g.10gb, 1g.10gb", "1G.10GB, 1g.10gb", "1g.10gb+me, 1g.10gb.me", "8g.80gb, ", "half, "})
    void refusesOtherProfiles(String text, @Nullable String meant) {
        var fault = assertThatRoleWith("gpuNumber: 1\nmig: " + text)
                .hasOneFault()
                .withCode(BAD_FORMAT)
                .atPath("taskRoles[0].mig");
        assertThat(fault.fault().suggestion()).isEqualTo(meant);
    }

    @Test
    void memoryIsInWholeGigabytes() {
        assertThatRoleWith("gpuNumber: 1\ngpuMemory: 0").hasOneFault().withCode(OUT_OF_RANGE);
        assertThatRoleWith("gpuNumber: 1\ngpuMemory: 79.5").hasOneFault().atPath("taskRoles[0].gpuMemory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{zone: a b}|taskRoles[0].nodeSelector.zone",
                "{zone: -a}|taskRoles[0].nodeSelector.zone",
                "{'a b': c}|taskRoles[0].nodeSelector[\"a b\"]",
                "{/a: c}|taskRoles[0].nodeSelector[\"/a\"]",
            })
    void labelsAreThoseOfKubernetes(String labels, String path) {
        assertThatRoleWith("nodeSelector: " + labels)
                .hasOneFault()
                .withCode(BAD_FORMAT)
                .atPath(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-role.kubernetes.io/control-plane", "node.kubernetes.io/not-ready", "a b", "''"})
    void someTaintsCannotBeTolerated(String taint) {
        assertThatRoleWith("tolerations: [%s]".formatted(taint))
                .hasOneFault()
                .withCode(BAD_FORMAT)
                .atPath("taskRoles[0].tolerations[0]");
    }

    @Test
    void whatIsCountedIsBounded() {
        assertThatRoleWith("tolerations: [%s]".formatted("a,".repeat(17)))
                .hasOneFault()
                .withCode(OUT_OF_RANGE);
    }

    @ParameterizedTest
    @CsvSource({"81559, 86", "40960, 43", "15360, 16", "23028, 24", "143771, 151", "many, 0", "'', 0"})
    void gigabytesAreRounded(String mebibytes, int gigabytes) {
        assertThat(GpuLabels.gigabytes(Map.of(GpuLabels.MEMORY, mebibytes))).isEqualTo(gigabytes);
        if (gigabytes > 0) {
            long least = GpuLabels.leastMebibytes(gigabytes);
            assertThat(GpuLabels.gigabytes(Map.of(GpuLabels.MEMORY, Long.toString(least))))
                    .isEqualTo(gigabytes);
            assertThat(GpuLabels.gigabytes(Map.of(GpuLabels.MEMORY, Long.toString(least - 1))))
                    .isEqualTo(gigabytes - 1);
        }
    }
}
