package io.shusuan.agent;

import io.shusuan.agent.metrics.MetricsChoice;
import java.util.ArrayList;
import java.util.List;

/** Reads which metrics are wanted. */
record MetricsFlags(CommandLine line) {
    private static final String FLAG = "--metrics-config";
    private static final List<Double> QUANTILES = List.of(0.5, 0.9, 0.95, 0.99, 0.999);

    MetricsChoice read() throws UsageException {
        boolean counters = true;
        boolean summaries = false;
        boolean histograms = true;
        var quantiles = QUANTILES;
        for (var text : line.all(FLAG)) {
            int equals = text.indexOf('=');
            var value = text.substring(equals + 1);
            switch (text.substring(0, Math.max(0, equals))) {
                case "counter_latencies" -> counters = CommandLine.truth(FLAG, text, value);
                case "summary_latencies" -> summaries = CommandLine.truth(FLAG, text, value);
                case "histogram_latencies" -> histograms = CommandLine.truth(FLAG, text, value);
                case "summary_quantiles" -> quantiles = quantiles(value);
                default ->
                    throw new UsageException(FLAG + " takes counter_latencies, summary_latencies or histogram_latencies"
                            + " with true or false, or summary_quantiles=QUANTILE:ERROR,…, not '" + text + "'");
            }
        }
        return new MetricsChoice(
                line.bool("--allow-gpu-metrics", true),
                line.bool("--allow-cpu-metrics", true),
                counters,
                histograms,
                summaries ? quantiles : List.of());
    }

    /** The errors must be such; what is told is right to one part in a hundred whatever they are. */
    private static List<Double> quantiles(String value) throws UsageException {
        var quantiles = new ArrayList<Double>();
        for (var pair : value.replace("\"", "").split(",", -1)) {
            int colon = pair.indexOf(':');
            try {
                double quantile = Double.parseDouble(pair.substring(0, Math.max(0, colon)));
                double error = Double.parseDouble(pair.substring(colon + 1));
                if (quantile >= 0 && quantile <= 1 && error >= 0 && error <= 1) {
                    quantiles.add(quantile);
                    continue;
                }
            } catch (NumberFormatException notANumber) {
                // answered below
            }
            throw new UsageException(
                    FLAG + " summary_quantiles takes QUANTILE:ERROR,…, both from 0 to 1, not '" + pair + "'");
        }
        return quantiles;
    }
}
