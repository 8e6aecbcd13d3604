package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a configuration says of how its plan is served, beside what it says of builds.
 *
 * @param plugins the libraries with the plugins its plan has, by their file names
 * @param weights how much of its weights stay on the GPU; empty for all
 */
record ServingParameters(List<String> plugins, Optional<WeightBudget> weights) {
    static final String PLUGINS = "plugins";
    static final String WEIGHTS = "weight_streaming_budget";
    static final List<String> NAMES = List.of(PLUGINS, WEIGHTS);

    ServingParameters {
        plugins = List.copyOf(plugins);
    }

    static ServingParameters of(ModelConfig config) throws LoadException {
        var weights = text(config, WEIGHTS);
        try {
            return new ServingParameters(
                    text(config, PLUGINS)
                            .map(list -> Stream.of(list.split(";", -1))
                                    .map(String::strip)
                                    .filter(name -> !name.isEmpty())
                                    .toList())
                            .orElse(List.of()),
                    weights.map(WeightBudget::parse));
        } catch (IllegalArgumentException wrong) {
            throw new LoadException(
                    "parameter '" + WEIGHTS + "' of '" + config.getName() + "' " + wrong.getMessage(), wrong);
        }
    }

    private static Optional<String> text(ModelConfig config, String name) {
        return Optional.ofNullable(config.getParametersMap().get(name))
                .map(given -> given.getStringValue().strip());
    }
}
