package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.onnx.GraphProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Names for what a conversion adds to a graph: those that it wants, unless the graph has them already. Exporters name the output of a
 * layer {@code conv} and its parameters {@code conv.bias}, so what is derived from the one may well be the other.
 */
public final class NewNames {
    private final Set<String> taken = new HashSet<>();
    private final Map<String, String> given = new HashMap<>();

    public NewNames(GraphProto graph) {
        take(graph);
    }

    /** What graphs within nodes call their own hides what has the same name around them, so these are taken, too. */
    private void take(GraphProto graph) {
        graph.getInputList().forEach(input -> taken.add(input.getName()));
        graph.getInitializerList().forEach(tensor -> taken.add(tensor.getName()));
        graph.getOutputList().forEach(output -> taken.add(output.getName()));
        for (var node : graph.getNodeList()) {
            taken.addAll(node.getOutputList());
            Names.graphs(node).forEach(this::take);
        }
    }

    /** The same name each time that the same is wanted. */
    public String of(String wanted) {
        return given.computeIfAbsent(wanted, this::free);
    }

    private String free(String wanted) {
        var name = wanted;
        for (int number = 2; !taken.add(name); number++) {
            name = wanted + "." + number;
        }
        return name;
    }
}
