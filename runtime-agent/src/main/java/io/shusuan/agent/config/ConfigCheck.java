package io.shusuan.agent.config;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.inference.DataType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Refuses a configuration that is wrong, or that asks for what this server does not do, with every reason at once. */
public final class ConfigCheck {
    private static final int MAX_INSTANCES = 1024;

    private final List<String> faults = new ArrayList<>();

    private ConfigCheck() {}

    /** Checks what can be said before the model is opened. */
    public static void settings(ModelConfig config) throws LoadException {
        var check = new ConfigCheck();
        check.unsupported(config);
        check.refuse(config.getMaxBatchSize() < 0, "max_batch_size must be 0 or more, not " + config.getMaxBatchSize());
        long instances = 0;
        for (var group : config.getInstanceGroupList()) {
            check.refuse(
                    group.getCount() < 1,
                    "instance_group '" + group.getName() + "' must have a count of 1 or more, not " + group.getCount());
            check.refuse(
                    group.getKind() == ModelInstanceGroup.Kind.KIND_GPU,
                    "instance_group '" + group.getName()
                            + "' asks for KIND_GPU and this server runs models on the CPU: use KIND_CPU");
            instances += group.getCount();
        }
        check.refuse(instances > MAX_INSTANCES, instances + " instances are more than " + MAX_INSTANCES);
        for (var version : config.getVersionPolicy().getSpecific().getVersionsList()) {
            check.refuse(version < 1, "version_policy names version " + version + "; versions are positive");
        }
        check.finish(config);
    }

    /** Checks the tensors, after the configuration has been completed. */
    public static void tensors(ModelConfig config) throws LoadException {
        var check = new ConfigCheck();
        check.refuse(config.getInputCount() == 0, "it has no input and the model cannot tell: name at least one");
        check.refuse(config.getOutputCount() == 0, "it has no output and the model cannot tell: name at least one");
        var names = new HashSet<String>();
        for (var input : config.getInputList()) {
            check.tensor(
                    "input",
                    input.getName(),
                    input.getDataType().name(),
                    input.getDimsList(),
                    names.add(input.getName()));
        }
        names.clear();
        for (var output : config.getOutputList()) {
            check.tensor(
                    "output",
                    output.getName(),
                    output.getDataType().name(),
                    output.getDimsList(),
                    names.add(output.getName()));
        }
        check.finish(config);
    }

    private void tensor(String what, String name, String type, List<Long> dims, boolean first) {
        refuse(name.isEmpty(), "an " + what + " has no name");
        refuse(!first, what + " '" + name + "' is there twice");
        refuse(DataType.named(type).isEmpty(), what + " '" + name + "' has no data_type");
        for (long dim : dims) {
            refuse(dim < -1, what + " '" + name + "' has the dimension " + dim + "; use -1 for one that varies");
        }
    }

    private void unsupported(ModelConfig config) {
        lacking(config.hasSequenceBatching(), "sequence_batching");
        lacking(config.hasEnsembleScheduling(), "ensemble_scheduling");
        lacking(config.getResponseCache().getEnable(), "response_cache");
        lacking(config.getModelOperations().getOpLibraryFilenameCount() > 0, "model_operations");
        lacking(config.getBatchInputCount() + config.getBatchOutputCount() > 0, "batch_input and batch_output");
        lacking(config.getModelRepositoryAgents().getAgentsCount() > 0, "model_repository_agents");
        lacking(config.getModelWarmupCount() > 0, "model_warmup");
        var accelerators = config.getOptimization().getExecutionAccelerators();
        lacking(
                accelerators.getCpuExecutionAcceleratorCount() + accelerators.getGpuExecutionAcceleratorCount() > 0,
                "execution_accelerators");
        lacking(config.getInputList().stream().anyMatch(i -> i.hasReshape()), "reshape of an input");
        lacking(config.getOutputList().stream().anyMatch(o -> o.hasReshape()), "reshape of an output");
        lacking(config.getInputList().stream().anyMatch(i -> i.getAllowRaggedBatch()), "allow_ragged_batch");
        lacking(config.getInputList().stream().anyMatch(i -> i.getIsShapeTensor()), "is_shape_tensor");
        lacking(config.getInstanceGroupList().stream().anyMatch(g -> g.hasRateLimiter()), "rate_limiter");
    }

    private void lacking(boolean asked, String what) {
        refuse(asked, what + " is not supported by this server yet: leave it out");
    }

    private void refuse(boolean wrong, String fault) {
        if (wrong) {
            faults.add(fault);
        }
    }

    private void finish(ModelConfig config) throws LoadException {
        if (!faults.isEmpty()) {
            throw new LoadException(
                    "the configuration of '" + config.getName() + "' cannot be used: " + String.join("; ", faults));
        }
    }
}
