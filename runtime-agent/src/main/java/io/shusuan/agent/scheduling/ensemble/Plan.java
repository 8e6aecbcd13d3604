package io.shusuan.agent.scheduling.ensemble;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelOutput;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The steps that lead to certain outputs, and the outputs in the order of the configuration. Steps nobody needs are left out. */
record Plan(List<Step> steps, List<String> outputs) {
    /**
     * One call of a model. The newest version is meant by 0.
     *
     * @param namespace where the model is; empty where names are unique
     * @param inputs the model's inputs with the ensemble's tensors they get
     * @param outputs the model's outputs that somebody needs, with the ensemble's tensors they become
     */
    record Step(
            String namespace, String model, long version, Map<String, String> inputs, Map<String, String> outputs) {}

    Plan {
        steps = List.copyOf(steps);
        outputs = List.copyOf(outputs);
    }

    static Plan of(ModelConfig config) {
        var steps = config.getEnsembleScheduling().getStepList().stream()
                .map(step -> new Step(
                        step.getModelNamespace(),
                        step.getModelName(),
                        Math.max(0, step.getModelVersion()),
                        Map.copyOf(step.getInputMapMap()),
                        Map.copyOf(step.getOutputMapMap())))
                .toList();
        var outputs = config.getOutputList().stream().map(ModelOutput::getName).toList();
        return new Plan(steps, outputs).leadingTo(outputs);
    }

    /** The same for some of the outputs; none named means all. */
    Plan leadingTo(List<String> wanted) {
        if (wanted.isEmpty()) {
            return this;
        }
        var needed = new HashSet<>(wanted);
        var kept = connected(needed, Step::outputs, Step::inputs);
        var left = new ArrayList<Step>();
        for (var step : steps) {
            if (kept.contains(step)) {
                left.add(new Step(
                        step.namespace(), step.model(), step.version(), step.inputs(), only(step.outputs(), needed)));
            }
        }
        return new Plan(left, outputs.stream().filter(wanted::contains).toList());
    }

    /**
     * The steps with one of these tensors on their near side, and those that are reached over them, as they are found; the tensors on
     * their far sides are added to the given ones.
     */
    private List<Step> connected(
            Set<String> tensors, Function<Step, Map<String, String>> near, Function<Step, Map<String, String>> far) {
        var found = new ArrayList<Step>();
        boolean more = true;
        while (more) {
            more = false;
            for (var step : steps) {
                if (!found.contains(step) && near.apply(step).values().stream().anyMatch(tensors::contains)) {
                    found.add(step);
                    tensors.addAll(far.apply(step).values());
                    more = true;
                }
            }
        }
        return found;
    }

    private static Map<String, String> only(Map<String, String> outputs, Set<String> needed) {
        var kept = new HashMap<>(outputs);
        kept.values().retainAll(needed);
        return Map.copyOf(kept);
    }

    /**
     * A plan cut at a step that gives several answers. The outputs of the part before are what the part behind needs: what the step
     * gives, and what passes it by.
     */
    record Split(Plan before, Step several, Plan behind) {}

    Split splitAt(Step several) {
        var made = new HashSet<>(several.outputs().values());
        var behind = connected(made, Step::inputs, Step::outputs);
        var needed = new LinkedHashSet<String>(outputs);
        behind.forEach(step -> needed.addAll(step.inputs().values()));
        behind.forEach(step -> needed.removeAll(step.outputs().values()));
        var before = steps.stream().filter(step -> !behind.contains(step)).toList();
        return new Split(new Plan(before, List.copyOf(needed)), several, new Plan(behind, outputs));
    }

    /** How many steps read a tensor; an output of the ensemble is read once more. */
    int readers(String tensor) {
        int readers = outputs.contains(tensor) ? 1 : 0;
        for (var step : steps) {
            for (var read : step.inputs().values()) {
                readers += read.equals(tensor) ? 1 : 0;
            }
        }
        return readers;
    }
}
