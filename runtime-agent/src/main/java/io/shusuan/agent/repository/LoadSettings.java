package io.shusuan.agent.repository;

import java.util.List;
import java.util.OptionalInt;

/**
 * How models are loaded.
 *
 * @param defaultMaxBatchSize what a batchable model gets whose configuration names none; empty when configurations must be whole
 * @param retries how often a version that could not be loaded is tried again at once
 * @param quantiles what summaries tell of a model's times; none for no summaries
 */
public record LoadSettings(OptionalInt defaultMaxBatchSize, int retries, List<Double> quantiles) {
    public LoadSettings {
        quantiles = List.copyOf(quantiles);
    }
}
