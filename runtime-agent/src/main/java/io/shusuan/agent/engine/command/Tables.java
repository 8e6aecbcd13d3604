package io.shusuan.agent.engine.command;

import io.shusuan.agent.engine.gate.Accuracy;
import io.shusuan.agent.engine.gate.Latency;
import java.util.Locale;

/** Numbers for people. */
final class Tables {
    private Tables() {}

    static String accuracy(Accuracy accuracy) {
        var text = new StringBuilder();
        for (var output : accuracy.outputs()) {
            text.append(String.format(
                    Locale.ROOT,
                    "output    '%s': error at most %.3g, mean %.3g (%.3f %% of what it usually is), over %d samples%n",
                    output.output(),
                    output.max(),
                    output.mean(),
                    100 * output.relative(),
                    accuracy.samples()));
        }
        accuracy.task()
                .ifPresent(task -> text.append(String.format(
                        Locale.ROOT,
                        "accuracy  %.2f %% of the labelled samples, was %.2f %%%n",
                        100 * task.after(),
                        100 * task.before())));
        return text.toString();
    }

    static String latency(Latency latency) {
        return String.format(
                Locale.ROOT,
                "latency   %.3f ms, was %.3f ms: %.2f times as fast (median of %d runs, %d thread(s))%n",
                latency.afterMs(),
                latency.beforeMs(),
                latency.speedup(),
                latency.runs(),
                latency.threads());
    }
}
