package io.shusuan.agent.config;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The engines there are, by the names that configurations and flags use. */
public final class BackendNames {
    /** The engines that are part of the agent compute what their names say, whatever a configuration tells an engine. */
    static final Set<String> BUILT_IN = Set.of("identity", "repeat", "square", "sequence", "iterative_sequence");

    public static final Set<String> ALL = Stream.concat(
                    Stream.of(ConfigDefaults.ONNX_RUNTIME, ConfigDefaults.TENSORRT), BUILT_IN.stream())
            .collect(Collectors.toUnmodifiableSet());

    private BackendNames() {}
}
