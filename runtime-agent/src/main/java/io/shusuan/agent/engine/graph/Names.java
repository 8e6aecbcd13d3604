package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.onnx.AttributeProto;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What nodes read: their inputs, and what the graphs within them read of the graph around. */
public final class Names {
    private Names() {}

    /** Every tensor that must exist before the node can run. */
    public static Set<String> read(NodeProto node) {
        var names = new LinkedHashSet<>(node.getInputList());
        names.addAll(captured(node));
        names.remove("");
        return names;
    }

    /** What graphs within a node read by name from the graph around it. */
    public static Set<String> captured(NodeProto node) {
        var names = new LinkedHashSet<String>();
        graphs(node).forEach(graph -> names.addAll(free(graph)));
        return names;
    }

    /** The graphs within a node: the branches of If, the bodies of loops. */
    public static List<GraphProto> graphs(NodeProto node) {
        return node.getAttributeList().stream().flatMap(Names::graphs).toList();
    }

    private static Stream<GraphProto> graphs(AttributeProto attribute) {
        return attribute.hasG() ? Stream.of(attribute.getG()) : attribute.getGraphsList().stream();
    }

    private static Set<String> free(GraphProto graph) {
        var own = new HashSet<String>();
        graph.getInputList().forEach(input -> own.add(input.getName()));
        graph.getInitializerList().forEach(tensor -> own.add(tensor.getName()));
        graph.getNodeList().forEach(node -> own.addAll(node.getOutputList()));
        var free = new LinkedHashSet<String>();
        graph.getNodeList().forEach(node -> free.addAll(read(node)));
        graph.getOutputList().forEach(output -> free.add(output.getName()));
        free.removeAll(own);
        return free;
    }

    /** How a node is named to people: its name, or what it writes when it has none. */
    public static String of(NodeProto node) {
        if (!node.getName().isEmpty()) {
            return node.getName();
        }
        return node.getOutputCount() == 0 ? node.getOpType() : node.getOutput(0);
    }
}
