package io.shusuan.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.engine.build.EngineBucket;
import io.shusuan.agent.engine.build.KeptEngine;
import io.shusuan.agent.node.GpuReport;
import io.shusuan.agent.node.GpuStatus;
import io.shusuan.agent.node.GpuStatus.Occupant;
import io.shusuan.agent.node.GpuWatch;
import io.shusuan.agent.node.HandWrittenNvml;
import io.shusuan.agent.node.Leak;
import io.shusuan.agent.node.ProcessOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The alerts ask for what agents write, and see what is wrong in it. What follows from the figures promtool tries. */
class AlertRulesTest {
    private static final Path RULES = Path.of("../deploy/prometheus/gpu-alerts.yaml");
    private static final Pattern METRIC = Pattern.compile("\\b(shusuan|DCGM|nv)_\\w+");

    /** A node where everything is wrong. */
    private static String exposition() {
        var nvml = HandWrittenNvml.with(1);
        nvml.xid(0, 79);
        GpuStatus gpu;
        try (var watch = new GpuWatch(() -> nvml, Path.of("/proc"), Clock.systemUTC(), Duration.ofMillis(20))) {
            Awaitility.await()
                    .until(() -> watch.get().gpus().stream()
                            .anyMatch(each -> !each.faults().isEmpty()));
            gpu = watch.get().gpus().getFirst();
        }
        var owner = new ProcessOwner(Optional.of("python"), Optional.of("j-1"), Optional.empty(), Optional.empty());
        var leaking =
                new Occupant(17, OptionalLong.of(3L << 30), owner, Optional.of(new Leak(Instant.EPOCH, 1L << 30)));
        var leaky = new GpuStatus(
                gpu.gpu(),
                gpu.sample(),
                gpu.faults(),
                gpu.lastXid(),
                gpu.idleSince(),
                gpu.energyJoules(),
                List.of(leaking));
        var text = new StringBuilder();
        GpuMetrics.write(text, new GpuReport(Optional.empty(), Optional.empty(), List.of(leaky)), "node-7");
        GpuMemoryMetrics.write(text, List.of(), Map.of(0, "lost"));
        EngineMetrics.write(text, List.of(new KeptEngine("m", 1, "sm_90", KeptEngine.State.REJECTED, "why")));
        EngineBucketMetrics.write(text, new EngineBucket.Figures(1, 2, 3, 4, 5, Optional.empty()));
        return text.toString();
    }

    @Test
    void askForWhatAgentsWrite() throws IOException {
        var written = exposition();

        var asked = Files.readAllLines(RULES).stream()
                .filter(line -> line.strip().startsWith("expr:"))
                .flatMap(line -> METRIC.matcher(line).results().map(MatchResult::group))
                .distinct()
                // of models that are served, as other tests see it
                .filter(name -> !name.equals("shusuan_model_stand_in"))
                .toList();

        assertThat(asked)
                .hasSizeGreaterThan(6)
                .allSatisfy(name -> assertThat(written).contains("# TYPE " + name + " "));
    }

    @Test
    void memoryThatOnlyGrowsIsShownWithItsJob() {
        assertThat(exposition())
                .contains(
                        "shusuan_gpu_suspected_leak_bytes{gpu_uuid=\"GPU-0\",index=\"0\",pid=\"17\",job_id=\"j-1\"} 2147483648\n");
    }
}
