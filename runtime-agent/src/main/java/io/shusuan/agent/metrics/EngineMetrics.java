package io.shusuan.agent.metrics;

import io.shusuan.agent.engine.build.KeptEngine;
import java.util.List;
import java.util.Locale;

/** The engines that a node keeps built. */
final class EngineMetrics {
    private static final String KEPT = "shusuan_node_engine";

    private EngineMetrics() {}

    static void write(StringBuilder text, List<KeptEngine> engines) {
        if (engines.isEmpty()) {
            return;
        }
        MetricsText.family(
                text,
                KEPT,
                "gauge",
                "Engines that this node keeps built: ready, waiting, building, rejected or failed");
        for (var engine : engines) {
            MetricsText.sample(
                    text,
                    KEPT,
                    "model=\"%s\",version=\"%d\",architecture=\"%s\",state=\"%s\""
                            .formatted(
                                    MetricsText.escaped(engine.model()),
                                    engine.version(),
                                    engine.architecture(),
                                    engine.state().name().toLowerCase(Locale.ROOT)),
                    "1");
        }
    }
}
