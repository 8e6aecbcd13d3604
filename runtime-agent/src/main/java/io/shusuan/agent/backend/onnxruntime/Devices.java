package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.gpu.MemoryUse;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.config.proto.ModelInstanceGroup.Kind;
import io.shusuan.agent.config.proto.ModelOptimizationPolicy.ExecutionAccelerators;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * On which GPU each instance of a model runs, or that it runs on the processor; and how: by CUDA, and before it by TensorRT where the
 * configuration names that. What this ONNX Runtime does not have is refused, never left out.
 *
 * @param gpus for each instance its GPU; empty for the processor
 */
record Devices(List<OptionalInt> gpus, List<Accelerator> accelerators) {
    private static final String REMEDY = ": start the agent with the libraries of onnxruntime_gpu "
            + "(SHUSUAN_AGENT_JAVA_OPTS=-Donnxruntime.native.path=FOLDER), or write KIND_CPU and no gpu_execution_accelerator";

    /** What Triton calls them, and what ONNX Runtime does. */
    private static final Map<String, String> TENSORRT_NAMES = Map.of(
            "max_workspace_size_bytes", "trt_max_workspace_size",
            "trt_engine_cache_enable", "trt_engine_cache_enable",
            "trt_engine_cache_path", "trt_engine_cache_path");

    /** What bounds the memory that the CUDA provider of a session takes for itself. */
    private static final String LIMIT = "gpu_mem_limit";

    private static final String WORKSPACE = "trt_max_workspace_size";
    /** For what is computed on the way, where the configuration does not bound it. */
    private static final long ROOM = 1L << 30;

    Devices {
        gpus = List.copyOf(gpus);
        accelerators = List.copyOf(accelerators);
    }

    /**
     * What runs a model's nodes on a GPU.
     *
     * @param options by ONNX Runtime's names, which refuses those that it does not have
     */
    record Accelerator(Provider provider, Map<String, String> options) {
        Accelerator {
            options = Map.copyOf(options);
        }
    }

    /**
     * Refuses what cannot be honoured, before anything is loaded.
     *
     * @param available by ONNX Runtime's names
     */
    static Devices of(ModelConfig config, Set<String> available) throws LoadException {
        var gpus = new ArrayList<OptionalInt>();
        for (var group : config.getInstanceGroupList()) {
            var gpu = gpu(config, group, available);
            for (int i = 0; i < group.getCount(); i++) {
                gpus.add(gpu);
            }
        }
        var accelerators = new ArrayList<Accelerator>();
        for (var named : config.getOptimization().getExecutionAccelerators().getGpuExecutionAcceleratorList()) {
            var what = "gpu_execution_accelerator '" + named.getName() + "' of '" + config.getName() + "'";
            var provider = provider(what, named.getName());
            require(provider, available, what);
            if (gpus.stream().noneMatch(OptionalInt::isPresent)) {
                throw new LoadException(what + " is for instances on a GPU, and there is none: write KIND_GPU");
            }
            accelerators.add(new Accelerator(provider, options(what, provider, named)));
        }
        return new Devices(gpus, accelerators);
    }

    private static OptionalInt gpu(ModelConfig config, ModelInstanceGroup group, Set<String> available)
            throws LoadException {
        var what = "instance_group '" + group.getName() + "' of '" + config.getName() + "'";
        if (group.getKind() != Kind.KIND_GPU) {
            if (group.getGpusCount() > 0) {
                throw new LoadException(
                        what + " names the GPUs " + group.getGpusList() + " and is no KIND_GPU: write it");
            }
            return OptionalInt.empty();
        }
        require(Provider.CUDA, available, what + " has KIND_GPU, and CUDA");
        if (group.getGpusCount() > 1) {
            throw new LoadException(what + " names the GPUs " + group.getGpusList() + ": write one group for each");
        }
        return OptionalInt.of(group.getGpusCount() == 0 ? 0 : group.getGpus(0));
    }

    private static void require(Provider provider, Set<String> available, String what) throws LoadException {
        if (!available.contains(provider.engineName())) {
            throw new LoadException(
                    what + " is not part of this ONNX Runtime, which has " + List.copyOf(available) + REMEDY);
        }
    }

    private static Provider provider(String what, String name) throws LoadException {
        return switch (name) {
            case "cuda" -> Provider.CUDA;
            case "tensorrt" -> Provider.TENSORRT;
            default -> throw new LoadException(what + " is unknown; cuda and tensorrt are known");
        };
    }

    private static Map<String, String> options(String what, Provider provider, ExecutionAccelerators.Accelerator named)
            throws LoadException {
        var options = new TreeMap<String, String>();
        for (var given : new TreeMap<>(named.getParametersMap()).entrySet()) {
            var name = given.getKey();
            if (provider == Provider.CUDA || name.startsWith("trt_")) {
                options.put(name, given.getValue());
            } else if (name.equals("precision_mode")) {
                options.putAll(precision(what, given.getValue()));
            } else if (TENSORRT_NAMES.containsKey(name)) {
                options.put(TENSORRT_NAMES.getOrDefault(name, name), given.getValue());
            } else {
                throw new LoadException(what + " does not know the parameter '" + name
                        + "'; precision_mode, max_workspace_size_bytes and ONNX Runtime's own trt_… are known");
            }
        }
        return options;
    }

    private static Map<String, String> precision(String what, String mode) throws LoadException {
        return switch (mode) {
            case "FP32" -> Map.of();
            case "FP16" -> Map.of("trt_fp16_enable", "1");
            case "INT8" -> Map.of("trt_int8_enable", "1");
            default ->
                throw new LoadException(what + " has precision_mode '" + mode + "'; FP32, FP16 and INT8 are known");
        };
    }

    /** Whether every session is alike, so that instances on the processor may share one. */
    boolean onProcessor() {
        return gpus.stream().allMatch(OptionalInt::isEmpty);
    }

    /**
     * What a session on a GPU takes there: CUDA's provider as much as it is bounded to, TensorRT's the weights of the engine that it makes,
     * and its workspace, besides.
     *
     * @param weights how large the model's files are
     */
    MemoryUse memory(long weights) throws LoadException {
        var parts = new ArrayList<MemoryUse.Part>();
        parts.add(new MemoryUse.Part("arena", arena(weights)));
        for (var accelerator : accelerators) {
            if (accelerator.provider() == Provider.TENSORRT) {
                parts.add(new MemoryUse.Part("weights", weights));
                parts.add(new MemoryUse.Part("workspace", bytes(accelerator, WORKSPACE, ROOM)));
            }
        }
        return new MemoryUse(parts);
    }

    /** Weights are there twice while a session is made. */
    private long arena(long weights) throws LoadException {
        for (var accelerator : accelerators) {
            if (accelerator.provider() == Provider.CUDA) {
                return bytes(accelerator, LIMIT, 2 * weights + ROOM);
            }
        }
        return 2 * weights + ROOM;
    }

    private static long bytes(Accelerator accelerator, String option, long unset) throws LoadException {
        var given = accelerator.options().get(option);
        if (given == null) {
            return unset;
        }
        try {
            long bytes = Long.parseLong(given);
            if (bytes > 0) {
                return bytes;
            }
        } catch (NumberFormatException notANumber) {
            // answered below
        }
        throw new LoadException(option + " is '" + given + "'; a number of bytes is wanted, more than 0");
    }

    /**
     * Tells a session's options where the instance runs: what is added first is asked first.
     *
     * @param weights how large the model's files are
     */
    void apply(OnnxRuntime engine, NativeHandle session, int instance, long weights) throws LoadException {
        var gpu = gpus.get(instance);
        if (gpu.isEmpty()) {
            return;
        }
        for (var accelerator : accelerators) {
            add(engine, session, accelerator, gpu.getAsInt(), weights);
        }
        if (accelerators.stream().noneMatch(accelerator -> accelerator.provider() == Provider.CUDA)) {
            add(engine, session, new Accelerator(Provider.CUDA, Map.of()), gpu.getAsInt(), weights);
        }
    }

    private void add(OnnxRuntime engine, NativeHandle session, Accelerator accelerator, int gpu, long weights)
            throws LoadException {
        var options = new TreeMap<>(accelerator.options());
        if (accelerator.provider() == Provider.CUDA) {
            options.put(LIMIT, Long.toString(arena(weights)));
        } else {
            options.put(WORKSPACE, Long.toString(bytes(accelerator, WORKSPACE, ROOM)));
        }
        options.put("device_id", Integer.toString(gpu));
        (accelerator.provider() == Provider.TENSORRT ? ProviderOptions.TENSORRT : ProviderOptions.CUDA)
                .append(engine, session, options);
    }

    /** For the log; nothing of the processor. */
    @Override
    public String toString() {
        return onProcessor()
                ? ""
                : ", GPUs "
                        + gpus.stream()
                                .filter(OptionalInt::isPresent)
                                .map(OptionalInt::getAsInt)
                                .toList();
    }
}
