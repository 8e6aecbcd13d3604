package io.shusuan.agent.metrics;

import io.shusuan.agent.config.MetricControls;
import io.shusuan.agent.repository.ServedModel;
import java.util.List;

/** Histograms of where requests' time went, and of how soon decoupled models answered first. */
final class PhaseMetrics {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;

    private PhaseMetrics() {}

    /** @param firstResponses whether the protocol's own histogram is written */
    static void write(StringBuilder text, List<ServedModel> models, boolean firstResponses) {
        for (var phase : Phase.values()) {
            MetricsText.family(text, phase.family(), "histogram", phase.help());
            for (var model : models) {
                model.statistics()
                        .histogram(phase)
                        .write(text, phase.family(), MetricsText.labels(model), NANOS_PER_SECOND);
            }
        }
        if (!firstResponses) {
            return;
        }
        MetricsText.family(
                text,
                MetricControls.FIRST_RESPONSE,
                "histogram",
                "Duration from request to first response in milliseconds");
        for (var model : models) {
            if (model.tensors().decoupled()) {
                model.statistics()
                        .firstResponses()
                        .write(text, MetricControls.FIRST_RESPONSE, MetricsText.labels(model), NANOS_PER_MILLI);
            }
        }
    }
}
