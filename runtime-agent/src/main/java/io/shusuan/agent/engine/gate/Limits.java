package io.shusuan.agent.engine.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a converted model must keep to. Where labels are given the task's accuracy decides, because it is what the model is for; without
 * them the mean error of each output, beside what the output usually is, stands in for it.
 */
public record Limits(double accuracyDrop, double relativeError, double speedup) {

    /** Why the numbers fail; empty when they pass. */
    public List<String> failures(Accuracy accuracy, Optional<Latency> latency) {
        var failures = new ArrayList<String>();
        accuracy.task()
                .filter(task -> !(task.drop() <= accuracyDrop))
                .ifPresent(task -> failures.add(String.format(
                        Locale.ROOT,
                        "accuracy: %.2f %% of the labelled samples are right where it was %.2f %%, and at most %.2f %% may be lost",
                        100 * task.after(),
                        100 * task.before(),
                        100 * accuracyDrop)));
        for (var output : accuracy.outputs()) {
            boolean decides = accuracy.task().isEmpty() || !Double.isFinite(output.mean());
            if (decides && !(output.relative() <= relativeError)) {
                failures.add(String.format(
                        Locale.ROOT,
                        "accuracy: output '%s' differs by %.3g on the mean, %.2f %% of what it usually is; at most %.2f %% may be",
                        output.output(),
                        output.mean(),
                        100 * output.relative(),
                        100 * relativeError));
            }
        }
        latency.filter(times -> !(times.speedup() >= speedup))
                .ifPresent(times -> failures.add(String.format(
                        Locale.ROOT,
                        "latency: a run takes %.3f ms where it took %.3f ms, %.2f times as fast; at least %.2f is asked",
                        times.afterMs(),
                        times.beforeMs(),
                        times.speedup(),
                        speedup)));
        return failures;
    }
}
