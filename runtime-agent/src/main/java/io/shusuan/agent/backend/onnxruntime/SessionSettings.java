package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a configuration says of a session: parameters by the names Triton's backend gives them, {@code session.…} entries passed on as they
 * are, and execution providers. A parameter nobody reads is refused, so that a misspelt one cannot go unnoticed.
 */
final class SessionSettings {
    /** {@code ExecutionMode}. */
    private static final int SEQUENTIAL = 0;

    private static final int PARALLEL = 1;

    private static final List<String> PARAMETERS = List.of(
            "intra_op_thread_count",
            "inter_op_thread_count",
            "execution_mode",
            "enable_mem_arena",
            "enable_mem_pattern");

    private SessionSettings() {}

    /** Refuses what cannot be honoured, before anything is loaded. */
    static void check(ModelConfig config, Set<String> available) throws LoadException {
        for (var name : new TreeMap<>(config.getParametersMap()).keySet()) {
            if (!PARAMETERS.contains(name) && !name.startsWith("session.")) {
                throw new LoadException("parameter '" + name + "' of '" + config.getName()
                        + "' means nothing to the onnxruntime backend; it knows " + PARAMETERS
                        + " and session configuration entries that begin with 'session.'");
            }
        }
        if (config.getModelTransactionPolicy().getDecoupled()) {
            throw new LoadException("model_transaction_policy.decoupled of '" + config.getName()
                    + "' cannot be honoured: an ONNX model gives one answer to a request");
        }
        var accelerators = config.getOptimization().getExecutionAccelerators();
        for (var accelerator : accelerators.getCpuExecutionAcceleratorList()) {
            provider(config, accelerator, available);
        }
    }

    private static Provider provider(ModelConfig config, Accelerator accelerator, Set<String> available)
            throws LoadException {
        var provider = provider(config, accelerator);
        if (!available.contains(provider.engineName())) {
            throw new LoadException("cpu_execution_accelerator '" + accelerator.getName() + "' of '" + config.getName()
                    + "' is not part of this ONNX Runtime, which has " + List.copyOf(available) + ": leave it out");
        }
        return provider;
    }

    private static Provider provider(ModelConfig config, Accelerator accelerator) throws LoadException {
        return switch (accelerator.getName()) {
            case "openvino" -> Provider.OPENVINO;
            case "dnnl", "onednn" -> Provider.DNNL;
            case "xnnpack" -> Provider.XNNPACK;
            default ->
                throw new LoadException("cpu_execution_accelerator '" + accelerator.getName() + "' of '"
                        + config.getName() + "' is unknown; openvino, dnnl and xnnpack are known");
        };
    }

    /** The options of a configuration that was {@linkplain #check checked}. The caller owns them. */
    static NativeHandle options(OnnxRuntime engine, ModelConfig config, Threads threads) throws LoadException {
        var options = engine.sessionOptions();
        boolean done = false;
        try {
            set(engine.api(), options.address(), config, threads);
            for (var accelerator :
                    config.getOptimization().getExecutionAccelerators().getCpuExecutionAcceleratorList()) {
                switch (provider(config, accelerator)) {
                    case OPENVINO -> ProviderOptions.append(engine, options, "OpenVINO", Map.of("device_type", "CPU"));
                    case DNNL -> ProviderOptions.DNNL.append(engine, options, Map.of("use_arena", "1"));
                    default -> ProviderOptions.append(engine, options, "XNNPACK", accelerator.getParametersMap());
                }
            }
            done = true;
            return options;
        } finally {
            if (!done) {
                options.close();
            }
        }
    }

    private static void set(OrtApi api, long options, ModelConfig config, Threads threads) throws LoadException {
        api.call(OrtFunction.SET_INTRA_OP_NUM_THREADS, options, threads.intraOp());
        api.call(OrtFunction.SET_INTER_OP_NUM_THREADS, options, threads.interOp());
        api.call(
                OrtFunction.SET_SESSION_GRAPH_OPTIMIZATION_LEVEL,
                options,
                switch (config.getOptimization().getGraph().getLevel()) {
                    case -1 -> 0; // none
                    case 1 -> 1; // basic
                    case 2 -> 2; // extended
                    default -> 99; // all
                });
        api.call(
                OrtFunction.SET_SESSION_EXECUTION_MODE,
                options,
                flag(config, "execution_mode", false) ? PARALLEL : SEQUENTIAL);
        api.call(
                flag(config, "enable_mem_arena", true)
                        ? OrtFunction.ENABLE_CPU_MEM_ARENA
                        : OrtFunction.DISABLE_CPU_MEM_ARENA,
                options);
        api.call(
                flag(config, "enable_mem_pattern", true)
                        ? OrtFunction.ENABLE_MEM_PATTERN
                        : OrtFunction.DISABLE_MEM_PATTERN,
                options);
        try (var memory = Arena.ofConfined()) {
            for (var parameter : config.getParametersMap().entrySet()) {
                if (parameter.getKey().startsWith("session.")) {
                    api.call(
                            OrtFunction.ADD_SESSION_CONFIG_ENTRY,
                            options,
                            memory.allocateFrom(parameter.getKey()).address(),
                            memory.allocateFrom(parameter.getValue().getStringValue())
                                    .address());
                }
            }
        }
    }

    private static boolean flag(ModelConfig config, String name, boolean unset) throws LoadException {
        var given = config.getParametersMap().get(name);
        if (given == null) {
            return unset;
        }
        return switch (given.getStringValue().strip()) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            default ->
                throw new LoadException(
                        "parameter '" + name + "' must be 0 or 1, not '" + given.getStringValue() + "'");
        };
    }
}
