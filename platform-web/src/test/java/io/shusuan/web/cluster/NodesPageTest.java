package io.shusuan.web.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.db.job.JobId;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.cluster.Capacity.Away.Why;
import io.shusuan.scheduler.job.Occupancy.Share;
import io.shusuan.scheduler.job.Occupancy.Taken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodesPageTest {

    private static Share share(String job, String owner, String queue, int gpus) {
        return new Share(JobId.next(), job, owner, queue, 1, new Resources(1000, 64, gpus));
    }

    /** With eight GPUs, of which somebody else has one. */
    private static Taken node(String name, @Nullable Why away, Share... shares) {
        return new Taken(
                new Capacity.Node(
                        name,
                        Map.of("nvidia.com/gpu.product", "H100"),
                        Set.of("nvidia.com/gpu"),
                        new Resources(64_000, 65_536, 8),
                        new Resources(0, 0, 1),
                        110),
                away,
                List.of(shares));
    }

    private static List<String> found(List<Taken> nodes, String text) {
        return NodesPage.of(nodes, text, 0, shown -> Map.of()).rows().stream()
                .map(NodeRow::name)
                .toList();
    }

    @Test
    void aNodeThatTakesNoMoreWorkShowsWhoIsOnIt() {
        var page = NodesPage.of(
                List.of(
                        node("gpu-1", null, share("train", "wei", "vision", 2)),
                        node("gpu-2", Why.CORDONED, share("tune", "ada", "speech", 4))),
                "",
                0,
                shown -> Map.of());

        assertThat(page.gpus()).isEqualTo(new NodesPage.Gpus(6, 16));
        assertThat(page.hues()).containsOnlyKeys("speech", "vision");
        var away = page.rows().getLast();
        assertThat(away.away()).isEqualTo(Why.CORDONED);
        assertThat(away.gpuProduct()).isEqualTo("H100");
        assertThat(away.taints()).containsExactly("nvidia.com/gpu");
        assertThat(away.shares()).extracting(Share::name).containsExactly("tune");
        assertThat(away.gpus())
                .extracting(gpu -> gpu.use().name())
                .containsExactly("HELD", "HELD", "HELD", "HELD", "OTHERS", "FREE", "FREE", "FREE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages.properties", "messages_zh_CN.properties"})
    void everyReasonHasItsWords(String file) throws IOException {
        var messages = new Properties();
        try (var text = Files.newBufferedReader(Path.of("src/main/resources", file))) {
            messages.load(text);
        }
        assertThat(Why.values()).allSatisfy(why -> assertThat(messages).containsKey("nodes.away." + why));
    }

    @Test
    void manyNodesAreShownSixtyAtATime() {
        var nodes = IntStream.range(0, 130)
                .mapToObj(number -> node("gpu-%03d".formatted(number), null))
                .toList();

        assertThat(NodesPage.of(nodes, "", 0, shown -> Map.of()).rows()).hasSize(60);
        assertThat(NodesPage.of(nodes, "", 0, shown -> Map.of()).next()).isOne();
        var last = NodesPage.of(nodes, "", 2, shown -> Map.of());
        assertThat(last.rows()).extracting(NodeRow::name).hasSize(10).startsWith("gpu-120");
        assertThat(last.next()).isNull();
        assertThat(last.total()).isEqualTo(130);
        assertThat(NodesPage.of(nodes, "gpu-12", 0, shown -> Map.of()).rows()).hasSize(10);
        assertThat(NodesPage.of(nodes, "", Integer.MAX_VALUE, shown -> Map.of()).rows())
                .isEmpty();
    }

    @Test
    void aNodeIsFoundByWhoIsOnItWhetherItTakesWorkOrNot() {
        var nodes = List.of(
                node("gpu-1", null, share("train", "wei", "vision", 2)),
                node("gpu-2", Why.NOT_READY, share("tune", "Ada", "speech", 4)));

        assertThat(found(nodes, "tune")).containsExactly("gpu-2");
        assertThat(found(nodes, "ada")).containsExactly("gpu-2");
        assertThat(found(nodes, "SPEECH")).containsExactly("gpu-2");
        assertThat(found(nodes, "h100")).containsExactly("gpu-1", "gpu-2");
        assertThat(found(nodes, "nobody")).isEmpty();
    }
}
