package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/** Puts a graph's nodes in an order in which they can run. Nodes that are in one keep theirs. */
final class Topology {
    private final GraphProto graph;
    private final Map<String, Integer> writers = new HashMap<>();
    private final Set<String> given = new HashSet<>();

    private Topology(GraphProto graph) {
        this.graph = graph;
    }

    static GraphProto sorted(GraphProto graph) throws EngineException {
        var topology = new Topology(graph);
        topology.findWriters();
        var order = topology.order();
        return graph.toBuilder().clearNode().addAllNode(order).build();
    }

    private void findWriters() throws EngineException {
        graph.getInputList().forEach(input -> given.add(input.getName()));
        graph.getInitializerList().forEach(tensor -> given.add(tensor.getName()));
        graph.getSparseInitializerList()
                .forEach(tensor -> given.add(tensor.getValues().getName()));
        for (int n = 0; n < graph.getNodeCount(); n++) {
            for (var output : graph.getNode(n).getOutputList()) {
                if (!output.isEmpty() && (given.contains(output) || writers.putIfAbsent(output, n) != null)) {
                    throw new EngineException(
                            Fault.INVALID_GRAPH,
                            "two nodes write '" + output + "', the second is " + describe(graph.getNode(n))
                                    + ": a tensor is written once");
                }
            }
        }
        for (var output : graph.getOutputList()) {
            if (!given.contains(output.getName()) && !writers.containsKey(output.getName())) {
                throw new EngineException(
                        Fault.INVALID_GRAPH, "nothing writes the model's output '" + output.getName() + "'");
            }
        }
    }

    private List<NodeProto> order() throws EngineException {
        int[] missing = new int[graph.getNodeCount()];
        var readers = new HashMap<Integer, List<Integer>>();
        for (int n = 0; n < missing.length; n++) {
            for (var name : Names.read(graph.getNode(n))) {
                var writer = writers.get(name);
                if (writer != null) {
                    missing[n]++;
                    readers.computeIfAbsent(writer, _ -> new ArrayList<>()).add(n);
                } else if (!given.contains(name)) {
                    throw new EngineException(
                            Fault.INVALID_GRAPH,
                            describe(graph.getNode(n)) + " reads '" + name
                                    + "', which nothing writes: the export is incomplete");
                }
            }
        }
        var ready = new PriorityQueue<Integer>();
        for (int n = 0; n < missing.length; n++) {
            if (missing[n] == 0) {
                ready.add(n);
            }
        }
        var order = new ArrayList<NodeProto>(missing.length);
        while (!ready.isEmpty()) {
            int next = ready.remove();
            order.add(graph.getNode(next));
            for (int reader : readers.getOrDefault(next, List.of())) {
                if (--missing[reader] == 0) {
                    ready.add(reader);
                }
            }
        }
        if (order.size() < missing.length) {
            throw new EngineException(Fault.INVALID_GRAPH, "nodes wait for each other: " + stuck(missing));
        }
        return order;
    }

    private String stuck(int[] missing) {
        var names = new ArrayList<String>();
        for (int n = 0; n < missing.length && names.size() < 5; n++) {
            if (missing[n] > 0) {
                names.add(describe(graph.getNode(n)));
            }
        }
        return String.join(", ", names);
    }

    private static String describe(NodeProto node) {
        return node.getOpType() + " '" + Names.of(node) + "'";
    }
}
