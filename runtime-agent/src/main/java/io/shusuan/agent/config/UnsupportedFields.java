package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.config.proto.ModelOptimizationPolicy;
import java.util.Set;

/** The fields that ask for what this server does not do. Ignoring one would answer something other than was asked for. */
final class UnsupportedFields {
    /** These say themselves which GPUs there are for them. */
    private static final Set<String> ON_GPUS = Set.of(ConfigDefaults.TENSORRT, ConfigDefaults.ONNX_RUNTIME);

    private UnsupportedFields() {}

    static void check(ConfigDocument document, Faults faults) {
        var config = document.config();
        faults.lacking(
                !config.getRuntime().isEmpty(), "runtime", "leave it out, a backend has but one implementation here");
        faults.lacking(
                config.getCcModelFilenamesCount() > 0,
                "cc_model_filenames",
                "leave it out, models are not chosen by a GPU's compute capability; default_model_filename names the file");
        faults.lacking(
                config.getModelOperations().getOpLibraryFilenameCount() > 0,
                "model_operations",
                "leave it out, custom operator libraries are not loaded");
        faults.lacking(
                config.getModelRepositoryAgents().getAgentsCount() > 0,
                "model_repository_agents",
                "leave it out, models are served as they lie in the repository");
        if (config.hasEnsembleScheduling()) {
            forEngines(config, "leave it out, it is for engines, and those are the members'", faults);
            ensemble(config, faults);
        } else if (BackendNames.BUILT_IN.contains(config.getBackend())) {
            forEngines(config, "leave it out, it means nothing to the backend " + config.getBackend(), faults);
        }
        tensors(document, faults);
        optimization(config.getOptimization(), config.getBackend().equals(ConfigDefaults.TENSORRT), faults);
        for (int i = 0; i < config.getInstanceGroupCount(); i++) {
            var path = "instance_group[" + i + "]";
            var group = config.getInstanceGroup(i);
            if (!ON_GPUS.contains(config.getBackend())) {
                onCpu(group, path, faults);
            }
            group(group, path, faults);
        }
    }

    private static void forEngines(ModelConfig config, String instead, Faults faults) {
        faults.lacking(config.getParametersCount() > 0, "parameters", instead);
        faults.lacking(!config.getDefaultModelFilename().isEmpty(), "default_model_filename", instead);
        var optimization = config.getOptimization();
        faults.lacking(optimization.hasGraph(), "optimization.graph", instead);
        faults.lacking(optimization.hasExecutionAccelerators(), "optimization.execution_accelerators", instead);
    }

    private static void ensemble(ModelConfig config, Faults faults) {
        var instead = "leave it out, members say themselves how they reshape what they take and give";
        for (int i = 0; i < config.getInputCount(); i++) {
            faults.lacking(config.getInput(i).hasReshape(), "input[" + i + "].reshape", instead);
        }
        for (int i = 0; i < config.getOutputCount(); i++) {
            faults.lacking(config.getOutput(i).hasReshape(), "output[" + i + "].reshape", instead);
        }
    }

    private static void tensors(ConfigDocument document, Faults faults) {
        var config = document.config();
        boolean tensorRt = config.getBackend().equals(ConfigDefaults.TENSORRT);
        for (int i = 0; i < config.getInputCount(); i++) {
            var input = config.getInput(i);
            tensor("input[" + i + "]", input.getIsShapeTensor(), input.getIsNonLinearFormatIo(), tensorRt, faults);
        }
        for (int i = 0; i < config.getOutputCount(); i++) {
            var output = config.getOutput(i);
            tensor("output[" + i + "]", output.getIsShapeTensor(), output.getIsNonLinearFormatIo(), tensorRt, faults);
        }
    }

    private static void tensor(String path, boolean shapeTensor, boolean nonLinear, boolean tensorRt, Faults faults) {
        faults.lacking(
                shapeTensor && !tensorRt, path + ".is_shape_tensor", "leave it out, only TensorRT's engines have them");
        faults.lacking(
                nonLinear,
                path + ".is_non_linear_format_io",
                "leave it out, and build the plan with the format LINEAR for inputs and outputs");
    }

    private static void optimization(ModelOptimizationPolicy policy, boolean tensorRt, Faults faults) {
        faults.lacking(
                policy.getPriority() != ModelOptimizationPolicy.ModelPriority.PRIORITY_DEFAULT,
                "optimization.priority",
                "PRIORITY_DEFAULT is, the others are for GPU streams; rate_limiter gives instances priorities");
        cuda(policy.getCuda(), tensorRt, faults);
        var built = "leave it out, a plan has been optimised when it was built; parameters build_… say how";
        faults.lacking(tensorRt && policy.hasGraph(), "optimization.graph", built);
        faults.lacking(tensorRt && policy.hasExecutionAccelerators(), "optimization.execution_accelerators", built);
        var pinned = "leave it out, tensors travel to a GPU and back by pinned memory";
        faults.lacking(
                tensorRt && !policy.getInputPinnedMemory().getEnable(), "optimization.input_pinned_memory", pinned);
        faults.lacking(
                tensorRt && !policy.getOutputPinnedMemory().getEnable(), "optimization.output_pinned_memory", pinned);
        faults.lacking(
                policy.getGatherKernelBufferThreshold() != 0,
                "optimization.gather_kernel_buffer_threshold",
                "leave it out, inputs are gathered on the CPU");
        faults.lacking(
                policy.getEagerBatching() && !tensorRt,
                "optimization.eager_batching",
                "leave it out, a batch is gathered by the instance that runs it, when it is free");
    }

    private static void cuda(ModelOptimizationPolicy.Cuda cuda, boolean tensorRt, Faults faults) {
        if (!tensorRt) {
            faults.lacking(
                    !cuda.equals(ModelOptimizationPolicy.Cuda.getDefaultInstance()),
                    "optimization.cuda",
                    "leave it out, it is for TensorRT's engines");
            return;
        }
        faults.lacking(
                cuda.getBusyWaitEvents(),
                "optimization.cuda.busy_wait_events",
                "leave it out, CUDA decides how a thread waits");
        faults.lacking(
                cuda.getOutputCopyStream(),
                "optimization.cuda.output_copy_stream",
                "leave it out, outputs travel behind the run that made them");
        faults.when(
                cuda.getGraphSpecCount() > 0 && !cuda.getGraphs(),
                "optimization.cuda.graph_spec",
                "lists shapes for graphs, and there are none: write graphs: true");
        for (int i = 0; i < cuda.getGraphSpecCount(); i++) {
            faults.lacking(
                    cuda.getGraphSpec(i).hasGraphLowerBound(),
                    "optimization.cuda.graph_spec[" + i + "].graph_lower_bound",
                    "leave it out, a graph runs the shapes it was made of; list each");
        }
    }

    private static void onCpu(ModelInstanceGroup group, String path, Faults faults) {
        faults.lacking(
                group.getKind() == ModelInstanceGroup.Kind.KIND_GPU,
                path + ".kind",
                "KIND_CPU is, KIND_AUTO and KIND_MODEL too");
        faults.lacking(group.getGpusCount() > 0, path + ".gpus", "leave it out, models run on the CPU");
    }

    private static void group(ModelInstanceGroup group, String path, Faults faults) {
        faults.lacking(group.getSecondaryDevicesCount() > 0, path + ".secondary_devices", "leave it out");
        faults.lacking(
                group.getProfileCount() > 0, path + ".profile", "leave it out, profiles are chosen by the shapes");
        faults.lacking(group.getPassive(), path + ".passive", "leave it out, every instance serves");
        faults.lacking(
                !group.getHostPolicy().isEmpty(),
                path + ".host_policy",
                "leave it out, the process' own placement holds");
    }
}
