package io.shusuan.agent.metrics;

import java.util.List;

/**
 * Which families are written.
 *
 * @param gpus those of GPUs
 * @param cpus those of the machine's processor and memory
 * @param counters the sums of time, by request and phase
 * @param histograms the protocol's own histogram
 * @param quantiles what summaries tell, each between 0 and 1; none for no summaries
 */
public record MetricsChoice(boolean gpus, boolean cpus, boolean counters, boolean histograms, List<Double> quantiles) {
    public MetricsChoice {
        quantiles = List.copyOf(quantiles);
    }
}
