package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.ModelConfig;
import java.util.List;

/** The buckets a model asks for in {@code model_metrics}. One histogram has them; the others' are the same in every agent, to be added up. */
public final class MetricControls {
    public static final String FIRST_RESPONSE = "nv_inference_first_response_histogram_ms";
    /** Triton's own, in milliseconds. */
    private static final List<Double> FIRST_RESPONSE_BUCKETS = List.of(100.0, 500.0, 2000.0, 5000.0);

    private static final double NANOS_PER_MILLI = 1e6;

    private MetricControls() {}

    static void check(ConfigDocument document, Faults faults) {
        var controls = document.config().getModelMetrics().getMetricControlList();
        for (int i = 0; i < controls.size(); i++) {
            var path = "model_metrics.metric_control[" + i + "]";
            var family = controls.get(i).getMetricIdentifier().getFamily();
            faults.when(
                    !family.equals(FIRST_RESPONSE),
                    path + ".metric_identifier.family",
                    "is '" + family + "'; " + FIRST_RESPONSE + " is allowed, the others' buckets are fixed");
            var buckets = controls.get(i).getHistogramOptions().getBucketsList();
            faults.when(
                    buckets.isEmpty() || !isAscending(buckets),
                    path + ".histogram_options.buckets",
                    "are " + buckets + "; at least one is needed, above 0 and each larger than the one before");
        }
    }

    private static boolean isAscending(List<Double> buckets) {
        double before = 0;
        for (double bucket : buckets) {
            if (!(bucket > before) || Double.isInfinite(bucket)) {
                return false;
            }
            before = bucket;
        }
        return true;
    }

    /** The upper bounds for the time to a first response, in nanoseconds. */
    public static long[] firstResponseBounds(ModelConfig config) {
        var buckets = FIRST_RESPONSE_BUCKETS;
        for (var control : config.getModelMetrics().getMetricControlList()) {
            buckets = control.getHistogramOptions().getBucketsList();
        }
        return buckets.stream()
                .mapToLong(millis -> Math.round(millis * NANOS_PER_MILLI))
                .toArray();
    }
}
