package io.shusuan.agent.engine.command;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.graph.GraphCheck;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code inspect}. */
final class InspectCommand {
    private InspectCommand() {}

    static int run(List<String> words, PrintStream out) throws WrongUsage, EngineException {
        var arguments = Arguments.parse(words, Map.of("--json", false));
        var model = OnnxFile.read(arguments.files(1, "one model").getFirst());
        var unknown = GraphCheck.unknownOperators(model);
        var inspection = unknown.isEmpty() ? runnable(GraphCheck.sorted(model)) : described(model, unknown);
        out.print(arguments.has("--json") ? inspection.json() + "\n" : inspection.text());
        return 0;
    }

    private static Inspection runnable(ModelProto model) throws EngineException {
        try (var session = Session.open(model, SessionSettings.literal())) {
            return inspection(
                    model,
                    session.inputs().stream().map(Object::toString).toList(),
                    session.outputs().stream().map(Object::toString).toList(),
                    List.of());
        }
    }

    /** What the file says of itself, where the engine cannot be asked. */
    private static Inspection described(ModelProto model, List<String> unknown) {
        var graph = model.getGraph();
        return inspection(
                model,
                graph.getInputList().stream().map(input -> input.getName()).toList(),
                graph.getOutputList().stream().map(output -> output.getName()).toList(),
                unknown);
    }

    private static Inspection inspection(
            ModelProto model, List<String> inputs, List<String> outputs, List<String> unknown) {
        var operators = model.getGraph().getNodeList().stream()
                .collect(Collectors.groupingBy(node -> node.getOpType(), TreeMap::new, Collectors.counting()));
        var sets = model.getOpsetImportList().stream()
                .map(set -> (set.getDomain().isEmpty() ? "ai.onnx" : set.getDomain()) + " " + set.getVersion())
                .toList();
        long weights = model.getGraph().getInitializerList().stream()
                .mapToLong(tensor -> tensor.getDimsList().stream().reduce(1L, (a, b) -> a * b))
                .sum();
        return new Inspection(
                model.getProducerName(), sets, inputs, outputs, operators, weights, model.getSerializedSize(), unknown);
    }
}
