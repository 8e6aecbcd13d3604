package io.shusuan.agent.config;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.config.proto.ModelOptimizationPolicy;
import io.shusuan.agent.config.proto.ModelSequenceBatching;
import io.shusuan.agent.config.proto.ModelVersionPolicy;

/** What a configuration means where it says nothing, before the model itself has been opened. */
public final class ConfigDefaults {
    static final String ENSEMBLE_PLATFORM = "ensemble";
    private static final String ONNX_PLATFORM = "onnxruntime_onnx";

    private static final String TENSORRT_PLATFORM = "tensorrt_plan";
    static final String TENSORRT = "tensorrt";
    static final String ONNX_RUNTIME = "onnxruntime";

    private ConfigDefaults() {}

    /**
     * @param planFound whether a version folder holds a {@code model.plan}, which names the backend when the text does not
     * @param onnxFound whether one holds a {@code model.onnx}, which names it where there is no plan
     */
    public static ModelConfig fill(ModelConfig given, String model, boolean planFound, boolean onnxFound)
            throws LoadException {
        if (!given.getName().isEmpty() && !given.getName().equals(model)) {
            throw new LoadException("the configuration's name '" + given.getName()
                    + "' differs from the folder's name '" + model + "': change one of them");
        }
        var config = given.toBuilder().setName(model);
        if (config.hasEnsembleScheduling()) {
            setPlatform(config, "an ensemble", ENSEMBLE_PLATFORM);
        } else if (config.getBackend().isEmpty()) {
            boolean unsaid = config.getPlatform().isEmpty();
            if (config.getPlatform().equals(TENSORRT_PLATFORM) || (unsaid && planFound)) {
                config.setBackend(TENSORRT);
            } else if (config.getPlatform().equals(ONNX_PLATFORM) || (unsaid && onnxFound)) {
                config.setBackend(ONNX_RUNTIME);
            } else {
                throw new LoadException(
                        "the configuration of '" + model
                                + "' names no backend and no version holds a model.onnx or model.plan: write backend: \"onnxruntime\" or add the file");
            }
        }
        if (!config.hasEnsembleScheduling()) {
            fillEngine(config);
        }
        if (!config.hasVersionPolicy()) {
            config.setVersionPolicy(ModelVersionPolicy.newBuilder()
                    .setLatest(ModelVersionPolicy.Latest.newBuilder().setNumVersions(1)));
        }
        if (config.hasSequenceBatching()) {
            fillSequences(config.getSequenceBatchingBuilder());
        }
        fillOptimization(config.getOptimizationBuilder());
        if (!config.hasEnsembleScheduling()) {
            fillInstances(config, model);
        }
        return config.build();
    }

    private static void fillEngine(ModelConfig.Builder config) throws LoadException {
        if (config.getBackend().equals(ONNX_RUNTIME)) {
            setPlatform(config, "the backend onnxruntime", ONNX_PLATFORM);
            if (config.getDefaultModelFilename().isEmpty()) {
                config.setDefaultModelFilename("model.onnx");
            }
        }
        if (config.getBackend().equals(TENSORRT)) {
            setPlatform(config, "the backend tensorrt", TENSORRT_PLATFORM);
            if (config.getDefaultModelFilename().isEmpty()) {
                config.setDefaultModelFilename("model.plan");
            }
        }
    }

    private static void setPlatform(ModelConfig.Builder config, String of, String platform) throws LoadException {
        var given = config.getPlatform();
        if (!given.isEmpty() && !given.equals(platform)) {
            throw new LoadException("the configuration of '" + config.getName() + "' names the platform '" + given
                    + "', and that of " + of + " is '" + platform + "': leave platform out");
        }
        config.setPlatform(platform);
    }

    private static void fillSequences(ModelSequenceBatching.Builder batching) {
        if (batching.getMaxSequenceIdleMicroseconds() == 0) {
            batching.setMaxSequenceIdleMicroseconds(1_000_000);
        }
        if (!batching.hasDirect() && !batching.hasOldest()) {
            batching.setDirect(ModelSequenceBatching.StrategyDirect.getDefaultInstance());
        }
    }

    private static void fillOptimization(ModelOptimizationPolicy.Builder optimization) {
        var pinned = ModelOptimizationPolicy.PinnedMemoryBuffer.newBuilder().setEnable(true);
        if (!optimization.hasInputPinnedMemory()) {
            optimization.setInputPinnedMemory(pinned);
        }
        if (!optimization.hasOutputPinnedMemory()) {
            optimization.setOutputPinnedMemory(pinned);
        }
    }

    private static void fillInstances(ModelConfig.Builder config, String model) {
        if (config.getInstanceGroupCount() == 0) {
            config.addInstanceGroup(ModelInstanceGroup.getDefaultInstance());
        }
        for (int i = 0; i < config.getInstanceGroupCount(); i++) {
            var group = config.getInstanceGroupBuilder(i);
            if (group.getName().isEmpty()) {
                group.setName(model + "_" + i);
            }
            if (group.getKind() == ModelInstanceGroup.Kind.KIND_AUTO) {
                group.setKind(isForGpus(config) ? ModelInstanceGroup.Kind.KIND_GPU : ModelInstanceGroup.Kind.KIND_CPU);
            }
            if (group.getCount() == 0) {
                group.setCount(1);
            }
        }
    }

    /** What runs nowhere else, or names what only a GPU has. */
    private static boolean isForGpus(ModelConfig.Builder config) {
        return config.getBackend().equals(TENSORRT)
                || (config.getBackend().equals(ONNX_RUNTIME)
                        && config.getOptimization().getExecutionAccelerators().getGpuExecutionAcceleratorCount() > 0);
    }
}
