package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelEnsembling.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of an ensemble's own text, whatever its members are: every tensor has one source, and no step waits for itself. */
final class EnsembleRules {
    private static final String STEPS = "ensemble_scheduling.step";

    private EnsembleRules() {}

    static void check(ConfigDocument document, Faults faults) {
        var config = document.config();
        if (!config.hasEnsembleScheduling()) {
            faults.when(
                    config.getPlatform().equals(ConfigDefaults.ENSEMBLE_PLATFORM),
                    "platform",
                    "is \"ensemble\" but there is no ensemble_scheduling: name the steps");
            return;
        }
        faults.when(
                !config.getBackend().isEmpty(), "backend", "is given for an ensemble, which has none: leave it out");
        faults.when(
                config.getInstanceGroupCount() > 0,
                "instance_group",
                "is given for an ensemble, whose members have the instances: leave it out");
        faults.when(
                config.getModelWarmupCount() > 0,
                "model_warmup",
                "is given for an ensemble: warm its members up in their own configurations");
        var steps = config.getEnsembleScheduling().getStepList();
        faults.when(steps.isEmpty(), STEPS, "is missing: an ensemble calls at least one model");
        for (int i = 0; i < steps.size(); i++) {
            step(config, steps.get(i), STEPS + "[" + i + "]", faults);
        }
        var sources = sources(config, faults);
        uses(config, sources.keySet(), faults);
        order(config, faults);
    }

    private static void step(ModelConfig config, Step step, String path, Faults faults) {
        faults.when(step.getModelName().isEmpty(), path + ".model_name", "is missing");
        faults.when(
                step.getModelNamespace().isEmpty() && step.getModelName().equals(config.getName()),
                path + ".model_name",
                "is the ensemble itself: circular dependency between ensembles: " + config.getName() + " -> "
                        + config.getName());
        faults.when(
                step.getModelVersion() < -1,
                path + ".model_version",
                "is " + step.getModelVersion() + "; a version, or -1 for the newest, is allowed");
        faults.when(step.getInputMapCount() == 0, path + ".input_map", "is missing: say where the inputs come from");
        faults.when(step.getOutputMapCount() == 0, path + ".output_map", "is missing: say what the outputs become");
    }

    /** Each tensor of the ensemble with the place that writes it. */
    private static Map<String, String> sources(ModelConfig config, Faults faults) {
        var sources = new HashMap<String, String>();
        for (int i = 0; i < config.getInputCount(); i++) {
            sources.put(config.getInput(i).getName(), "input[" + i + "]");
        }
        for (int i = 0; i < config.getEnsembleScheduling().getStepCount(); i++) {
            var place = STEPS + "[" + i + "]";
            config.getEnsembleScheduling().getStep(i).getOutputMapMap().forEach((output, tensor) -> {
                var other = sources.putIfAbsent(tensor, place);
                faults.when(
                        other != null,
                        place + ".output_map",
                        "writes the ensemble tensor '" + tensor + "' from '" + output + "', which " + other
                                + " writes too: every tensor has one source");
            });
        }
        return sources;
    }

    private static void uses(ModelConfig config, Set<String> written, Faults faults) {
        var used = new HashSet<String>();
        for (int i = 0; i < config.getEnsembleScheduling().getStepCount(); i++) {
            var path = STEPS + "[" + i + "].input_map";
            config.getEnsembleScheduling().getStep(i).getInputMapMap().forEach((input, tensor) -> {
                used.add(tensor);
                faults.when(
                        !written.contains(tensor),
                        path,
                        "gives '" + input + "' the ensemble tensor '" + tensor
                                + "', which is neither an input of the ensemble nor written by a step");
            });
        }
        for (int i = 0; i < config.getOutputCount(); i++) {
            var output = config.getOutput(i).getName();
            faults.when(
                    !written.contains(output),
                    "output[" + i + "]",
                    "'" + output + "' is written by no step: name it in an output_map");
        }
        for (int i = 0; i < config.getInputCount(); i++) {
            var input = config.getInput(i).getName();
            faults.when(
                    !used.contains(input),
                    "input[" + i + "]",
                    "ensemble input '" + input + "' for ensemble '" + config.getName() + "' is not used");
        }
    }

    /** Steps run when their tensors are there; what can never run waits for its own output. */
    private static void order(ModelConfig config, Faults faults) {
        var steps = config.getEnsembleScheduling().getStepList();
        var waiting = new ArrayList<Integer>();
        var missing = new HashSet<String>();
        for (int i = 0; i < steps.size(); i++) {
            waiting.add(i);
            missing.addAll(steps.get(i).getOutputMapMap().values());
        }
        boolean moved = true;
        while (moved) {
            moved = waiting.removeIf(index -> {
                boolean ready =
                        steps.get(index).getInputMapMap().values().stream().noneMatch(missing::contains);
                if (ready) {
                    missing.removeAll(steps.get(index).getOutputMapMap().values());
                }
                return ready;
            });
        }
        faults.when(
                !waiting.isEmpty(),
                STEPS + "[" + (waiting.isEmpty() ? 0 : waiting.getFirst()) + "].input_map",
                "waits for itself: the steps " + models(steps, waiting) + " need each other's tensors");
    }

    private static List<String> models(List<Step> steps, List<Integer> indices) {
        return indices.stream().map(index -> steps.get(index).getModelName()).toList();
    }
}
