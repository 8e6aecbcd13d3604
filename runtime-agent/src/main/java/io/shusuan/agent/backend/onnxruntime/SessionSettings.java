package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelOptimizationPolicy.ExecutionAccelerators.Accelerator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a configuration says of a session: parameters by the names Triton's backend gives them, {@code session.…} entries passed on as they
 * are, and execution providers. A parameter nobody reads is refused, so that a misspelt one cannot go unnoticed.
 */
final class SessionSettings {
    private static final List<String> PARAMETERS = List.of(
            "intra_op_thread_count",
            "inter_op_thread_count",
            "execution_mode",
            "enable_mem_arena",
            "enable_mem_pattern");

    private SessionSettings() {}

    /** Refuses what cannot be honoured, before anything is loaded. */
    static void check(ModelConfig config) throws LoadException {
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
            provider(config, accelerator);
        }
    }

    private static List<String> available() {
        return OrtEnvironment.getAvailableProviders().stream()
                .map(OrtProvider::getName)
                .toList();
    }

    private static OrtProvider provider(ModelConfig config, Accelerator accelerator) throws LoadException {
        var provider = switch (accelerator.getName()) {
            case "openvino" -> OrtProvider.OPEN_VINO;
            case "dnnl", "onednn" -> OrtProvider.DNNL;
            case "xnnpack" -> OrtProvider.XNNPACK;
            default ->
                throw new LoadException("cpu_execution_accelerator '" + accelerator.getName() + "' of '"
                        + config.getName() + "' is unknown; openvino, dnnl and xnnpack are known");
        };
        if (!OrtEnvironment.getAvailableProviders().contains(provider)) {
            throw new LoadException("cpu_execution_accelerator '" + accelerator.getName() + "' of '" + config.getName()
                    + "' is not part of this ONNX Runtime, which has " + available() + ": leave it out");
        }
        return provider;
    }

    static SessionOptions options(ModelConfig config, Threads threads) throws OrtException, LoadException {
        var options = new SessionOptions();
        boolean done = false;
        try {
            options.setIntraOpNumThreads(threads.intraOp());
            options.setInterOpNumThreads(threads.interOp());
            options.setOptimizationLevel(
                    switch (config.getOptimization().getGraph().getLevel()) {
                        case -1 -> SessionOptions.OptLevel.NO_OPT;
                        case 1 -> SessionOptions.OptLevel.BASIC_OPT;
                        case 2 -> SessionOptions.OptLevel.EXTENDED_OPT;
                        default -> SessionOptions.OptLevel.ALL_OPT;
                    });
            options.setExecutionMode(
                    flag(config, "execution_mode", false)
                            ? SessionOptions.ExecutionMode.PARALLEL
                            : SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setCPUArenaAllocator(flag(config, "enable_mem_arena", true));
            options.setMemoryPatternOptimization(flag(config, "enable_mem_pattern", true));
            for (var parameter : config.getParametersMap().entrySet()) {
                if (parameter.getKey().startsWith("session.")) {
                    options.addConfigEntry(
                            parameter.getKey(), parameter.getValue().getStringValue());
                }
            }
            for (var accelerator :
                    config.getOptimization().getExecutionAccelerators().getCpuExecutionAcceleratorList()) {
                switch (provider(config, accelerator)) {
                    case OPEN_VINO -> options.addOpenVINO("CPU");
                    case DNNL -> options.addDnnl(true);
                    default -> options.addXnnpack(Map.copyOf(accelerator.getParametersMap()));
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
