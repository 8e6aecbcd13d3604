package io.shusuan.web.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.web.cluster.GpuTopology.Way;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class GpuTopologyTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static Gpu gpu(int index, String rest) {
        return JSON.readValue(
                "{\"index\": %d, \"pciBusId\": \"0%d:00\", \"migEnabled\": false%s}".formatted(index, index, rest),
                Gpu.class);
    }

    private static List<List<String>> names(Gpu... gpus) {
        return GpuTopology.of(List.of(gpus)).rows().stream()
                .map(row -> row.ways().stream().map(Way::name).toList())
                .toList();
    }

    @Test
    void countsTheLinksThatLeadToTheOther() {
        assertThat(names(
                        gpu(2, ", \"nvlinks\": [\"01:00\"], \"paths\": [{\"gpu\": 0, \"level\": \"SYS\"}]"),
                        gpu(0, ", \"nvlinks\": [\"01:00\", \"01:00\"], \"paths\": [{\"gpu\": 2, \"level\": \"SYS\"}]"),
                        gpu(1, ", \"nvlinks\": [\"00:00\", \"02:00\", \"00:00\"]")))
                .containsExactly(List.of("X", "NV2", "SYS"), List.of("NV2", "X", "NV1"), List.of("SYS", "NV1", "X"));
    }

    @Test
    void linksToSwitchesLeadToEveryGpuThatHasSome() {
        assertThat(names(
                        gpu(0, ", \"nvlinks\": [\"c0:00\", \"c1:00\"], \"paths\": [{\"gpu\": 2, \"level\": \"PHB\"}]"),
                        gpu(1, ", \"nvlinks\": [\"c0:00\", \"c1:00\"]"),
                        gpu(2, "")))
                .containsExactly(List.of("X", "NV2", "PHB"), List.of("NV2", "X", "–"), List.of("–", "–", "X"));
    }

    @Test
    void isLeftOutWhereNothingIsTold() {
        assertThat(GpuTopology.of(List.of(gpu(0, ""), gpu(1, ""))).known()).isFalse();
        assertThat(GpuTopology.of(List.of(gpu(0, ", \"cpus\": \"0-3\""))).known())
                .isTrue();
    }
}
