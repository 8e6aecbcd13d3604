package io.shusuan.agent.config;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.ModelInterface.Port;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelEnsembling.Step;
import io.shusuan.agent.inference.Shape;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An ensemble held against the models it calls: names, types, shapes and batch sizes of every tensor that passes between them. */
public final class EnsembleMembers {
    /** A tensor of the ensemble and who writes it. */
    private record Source(Port port, String writer) {}

    private final ModelConfig config;
    private final ModelInterface ensemble;
    private final Faults faults;
    private final Map<String, Source> tensors = new HashMap<>();

    private EnsembleMembers(ConfigDocument document) {
        this.config = document.config();
        this.ensemble = ModelInterface.of(config);
        this.faults = new Faults(document);
    }

    /** The models an ensemble calls, each once; none for a model that is no ensemble. */
    public static Set<String> of(ModelConfig config) {
        var names = new LinkedHashSet<String>();
        config.getEnsembleScheduling().getStepList().forEach(step -> names.add(step.getModelName()));
        return names;
    }

    /**
     * @param allowed the namespaces of this server; none where a name is unique
     * @throws LoadException when a step names another
     */
    public static void checkNamespaces(ConfigDocument document, Set<String> allowed) throws LoadException {
        var faults = new Faults(document);
        var steps = document.config().getEnsembleScheduling().getStepList();
        for (int i = 0; i < steps.size(); i++) {
            var namespace = steps.get(i).getModelNamespace();
            faults.when(
                    !namespace.isEmpty() && !allowed.contains(namespace),
                    path(i) + ".model_namespace",
                    allowed.isEmpty()
                            ? "is given, and this server does not keep models of one name apart: leave it out, or start"
                                    + " the server with --model-namespacing=true"
                            : "is '" + namespace + "'; the folder of a repository of this server is allowed: "
                                    + new TreeSet<>(allowed));
        }
        faults.raise();
    }

    /**
     * @param member what a step's model takes and gives
     * @throws LoadException with every place where ensemble and members do not fit together
     */
    public static void check(ConfigDocument document, Function<Step, ModelInterface> member) throws LoadException {
        var check = new EnsembleMembers(document);
        check.ensemble
                .inputs()
                .forEach(port -> check.tensors.put(port.name(), new Source(port, "the ensemble's input")));
        var steps = check.config.getEnsembleScheduling().getStepList();
        for (int i = 0; i < steps.size(); i++) {
            check.outputs(steps.get(i), member.apply(steps.get(i)), path(i));
        }
        for (int i = 0; i < steps.size(); i++) {
            check.inputs(steps.get(i), member.apply(steps.get(i)), path(i));
        }
        new DecoupledStep(check.config, check.faults)
                .check(IntStream.range(0, steps.size())
                        .filter(i -> member.apply(steps.get(i)).decoupled())
                        .boxed()
                        .toList());
        for (int i = 0; i < check.ensemble.outputs().size(); i++) {
            var output = check.ensemble.outputs().get(i);
            check.agree(output.name(), output, "the ensemble's output", "output[" + i + "]");
        }
        check.faults.raise();
    }

    private static String path(int step) {
        return "ensemble_scheduling.step[" + step + "]";
    }

    private void outputs(Step step, ModelInterface member, String path) {
        faults.when(
                member.maxBatchSize() > 0 && member.maxBatchSize() < ensemble.maxBatchSize(),
                path + ".model_name",
                "is '" + member.model() + "': ensemble " + ensemble.model() + " allows maximum batch size "
                        + ensemble.maxBatchSize() + ", but it contains model " + member.model()
                        + " which only allows maximum batch size to be " + member.maxBatchSize());
        step.getOutputMapMap().forEach((name, tensor) -> {
            var port = find(member.outputs(), name);
            if (port == null) {
                faults.when(
                        true,
                        path + ".output_map",
                        "in ensemble " + ensemble.model() + ", ensemble tensor " + tensor
                                + " is mapped from non-existing output " + name + " in model " + member.model()
                                + ", which has " + names(member.outputs()));
            } else {
                tensors.putIfAbsent(tensor, new Source(port, "output " + name + " of " + member.model()));
            }
        });
    }

    private void inputs(Step step, ModelInterface member, String path) {
        step.getInputMapMap().forEach((name, tensor) -> {
            var port = find(member.inputs(), name);
            if (port == null) {
                faults.when(
                        true,
                        path + ".input_map",
                        "in ensemble " + ensemble.model() + ", ensemble tensor " + tensor
                                + " is mapping to non-existing input " + name + " in model " + member.model()
                                + ", which has " + names(member.inputs()));
            } else {
                agree(tensor, port, "input " + name + " of " + member.model(), path + ".input_map");
            }
        });
        for (var port : member.inputs()) {
            faults.when(
                    !port.optional() && !step.containsInputMap(port.name()),
                    path + ".input_map",
                    "in ensemble " + ensemble.model() + ", input " + port.name() + " in model " + member.model()
                            + " is not mapped to any ensemble tensors");
        }
    }

    private void agree(String tensor, Port reader, String who, String path) {
        var source = tensors.get(tensor);
        if (source == null) {
            return;
        }
        var begin = "in ensemble " + ensemble.model() + ", ensemble tensor " + tensor + ": ";
        faults.when(
                source.port().type() != reader.type(),
                path,
                begin + "inconsistent data type: " + source.port().type() + " from " + source.writer() + ", "
                        + reader.type() + " for " + who);
        faults.when(
                !meet(source.port().shape(), reader.shape()),
                path,
                begin + "inconsistent shape: " + source.port().shape() + " from " + source.writer() + ", "
                        + reader.shape() + " for " + who);
        faults.when(
                source.port().optional() && !reader.optional() && !who.startsWith("the ensemble"),
                path,
                begin + "it may be left out of a request and " + who + " may not");
    }

    /** Whether some tensor has both shapes. */
    private static boolean meet(Shape one, Shape other) {
        if (one.rank() != other.rank()) {
            return false;
        }
        for (int i = 0; i < one.rank(); i++) {
            if (one.dim(i) >= 0 && other.dim(i) >= 0 && one.dim(i) != other.dim(i)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable Port find(List<Port> ports, String name) {
        for (var port : ports) {
            if (port.name().equals(name)) {
                return port;
            }
        }
        return null;
    }

    private static List<String> names(List<Port> ports) {
        return ports.stream().map(Port::name).toList();
    }
}
