package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.engine.build.BuildOptions;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a configuration says of builds: parameters that begin with {@code build_} and are called as the options of the command. */
record BuildParameters(ModelConfig config) implements BuildOptions.Given {
    private static final String PREFIX = "build_";

    /** Refuses a parameter that means nothing, or is out of range. */
    static BuildOptions of(ModelConfig config) throws LoadException {
        var parameters = new BuildParameters(config);
        var known = Stream.concat(
                        ServingParameters.NAMES.stream(),
                        BuildOptions.NAMES.keySet().stream().map(parameters::called))
                .sorted()
                .toList();
        for (var name : new TreeMap<>(config.getParametersMap()).keySet()) {
            if (!known.contains(name)) {
                throw new LoadException("parameter '" + name + "' of '" + config.getName()
                        + "' means nothing to the tensorrt backend; it knows " + known);
            }
        }
        try {
            return BuildOptions.read(parameters);
        } catch (IllegalArgumentException wrong) {
            throw new LoadException("parameter " + wrong.getMessage() + " (of '" + config.getName() + "')", wrong);
        }
    }

    /** Several profiles stand in one parameter, with semicolons between them. */
    @Override
    public List<String> all(String option) {
        var given = config.getParametersMap().get(called(option));
        return given == null
                ? List.of()
                : List.of(given.getStringValue().strip().split("\\s*;\\s*", -1));
    }

    @Override
    public String called(String option) {
        return PREFIX + option.replace('-', '_');
    }
}
