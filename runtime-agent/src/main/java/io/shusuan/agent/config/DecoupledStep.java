package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelEnsembling.Step;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What must hold of an ensemble one of whose steps gives several answers, each of which goes through the steps behind by itself. */
final class DecoupledStep {
    private static final String STEPS = "ensemble_scheduling.step";

    private final ModelConfig config;
    private final List<Step> steps;
    private final Faults faults;

    DecoupledStep(ModelConfig config, Faults faults) {
        this.config = config;
        this.steps = config.getEnsembleScheduling().getStepList();
        this.faults = faults;
    }

    /** @param several the places of the steps that give several answers */
    void check(List<Integer> several) {
        for (int place : several) {
            var path = STEPS + "[" + place + "].model_name";
            var name = steps.get(place).getModelName();
            faults.when(
                    !config.getModelTransactionPolicy().getDecoupled(),
                    path,
                    "names the decoupled model '" + name + "': the ensemble gives several answers, too, so it needs"
                            + " model_transaction_policy { decoupled: true }");
            faults.when(
                    several.size() > 1,
                    path,
                    "names the decoupled model '" + name + "' beside another one: one step may give several answers");
        }
        if (several.size() == 1) {
            behind(several.getFirst());
        }
    }

    private void behind(int several) {
        var made = new HashSet<>(steps.get(several).getOutputMapMap().values());
        var later = grow(made, Step::getInputMapMap, Step::getOutputMapMap);
        var needed = new HashSet<>(steps.get(several).getInputMapMap().values());
        grow(needed, Step::getOutputMapMap, Step::getInputMapMap);
        for (int i = 0; i < config.getOutputCount(); i++) {
            output(i, made, needed);
        }
        for (int i = 0; i < steps.size(); i++) {
            if (!later.contains(i)) {
                continue;
            }
            faults.when(
                    steps.get(i).getModelName().equals(steps.get(several).getModelName()),
                    STEPS + "[" + i + "].model_name",
                    "calls '" + steps.get(i).getModelName() + "' behind its own answers, which it would wait for");
            for (var tensor : steps.get(i).getInputMapMap().values()) {
                faults.when(
                        !made.contains(tensor) && !isThereBefore(tensor, needed),
                        STEPS + "[" + i + "].input_map",
                        "reads '" + tensor + "', which a step beside the decoupled one makes: it may not be there when"
                                + " an answer is");
            }
        }
    }

    private void output(int place, Set<String> made, Set<String> needed) {
        var name = config.getOutput(place).getName();
        faults.when(
                !made.contains(name) && !isThereBefore(name, needed),
                "output[" + place + "].name",
                "is '" + name
                        + "', which a step beside the decoupled one makes: it may not be there when an answer is");
    }

    private boolean isThereBefore(String tensor, Set<String> needed) {
        return needed.contains(tensor)
                || config.getInputList().stream()
                        .anyMatch(input -> input.getName().equals(tensor))
                || steps.stream()
                        .map(step -> step.getOutputMapMap().values())
                        .anyMatch(outputs ->
                                outputs.contains(tensor) && outputs.stream().anyMatch(needed::contains));
    }

    private interface Side {
        Map<String, String> of(Step step);
    }

    /** Adds to the tensors those on the far side of every step that has one of them on its near side; the places of these steps. */
    private Set<Integer> grow(Set<String> tensors, Side near, Side far) {
        var reached = new HashSet<Integer>();
        boolean more = true;
        while (more) {
            more = false;
            for (int i = 0; i < steps.size(); i++) {
                if (!reached.contains(i)
                        && near.of(steps.get(i)).values().stream().anyMatch(tensors::contains)) {
                    reached.add(i);
                    tensors.addAll(far.of(steps.get(i)).values());
                    more = true;
                }
            }
        }
        return reached;
    }
}
