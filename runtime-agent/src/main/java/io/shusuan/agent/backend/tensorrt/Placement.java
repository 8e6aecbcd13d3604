package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * On which GPU each instance of a model runs, by its number.
 *
 * @param hostCode whether its plan may bring code for this process to run
 */
record Placement(List<Integer> gpus, boolean hostCode) {
    Placement {
        gpus = List.copyOf(gpus);
    }

    /** Refuses what cannot be honoured, before anything is loaded. */
    static Placement of(ModelConfig config, List<Versions.Gpu> present) throws LoadException {
        var options = BuildParameters.of(config);
        if (config.getModelTransactionPolicy().getDecoupled()) {
            throw new LoadException("model_transaction_policy.decoupled of '" + config.getName()
                    + "' cannot be honoured: an engine gives one answer to a request");
        }
        var gpus = new ArrayList<Integer>();
        for (var group : config.getInstanceGroupList()) {
            int gpu = gpu(config, group, present);
            for (int i = 0; i < group.getCount(); i++) {
                gpus.add(gpu);
            }
        }
        return new Placement(gpus, options.settings().versionCompatible());
    }

    /** How many run on one GPU. */
    long instances(int gpu) {
        return gpus.stream().filter(each -> each == gpu).count();
    }

    private static int gpu(ModelConfig config, ModelInstanceGroup group, List<Versions.Gpu> present)
            throws LoadException {
        var where = "instance_group '" + group.getName() + "' of '" + config.getName() + "' ";
        if (group.getKind() == ModelInstanceGroup.Kind.KIND_CPU) {
            throw new LoadException(where + "has KIND_CPU, and a TensorRT plan runs on a GPU only: write KIND_GPU");
        }
        if (group.getGpusCount() > 1) {
            throw new LoadException(where + "names the GPUs " + group.getGpusList() + ": write one group for each");
        }
        int wanted = group.getGpusCount() == 0 ? present.getFirst().number() : group.getGpus(0);
        if (present.stream().noneMatch(gpu -> gpu.number() == wanted)) {
            throw new LoadException(where + "names GPU " + wanted + "; this machine has "
                    + present.stream().map(Versions.Gpu::number).toList());
        }
        return wanted;
    }
}
