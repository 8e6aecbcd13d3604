package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Who writes and who reads each tensor of a graph. */
public final class Uses {
    private final Map<String, NodeProto> writers = new HashMap<>();
    private final Map<String, List<NodeProto>> readers = new HashMap<>();
    private final Map<String, TensorProto> constants = new HashMap<>();
    private final Set<String> outputs = new HashSet<>();

    public Uses(GraphProto graph) {
        graph.getInitializerList().forEach(tensor -> constants.put(tensor.getName(), tensor));
        graph.getOutputList().forEach(output -> outputs.add(output.getName()));
        for (var node : graph.getNodeList()) {
            node.getOutputList().forEach(name -> writers.put(name, node));
            Names.read(node)
                    .forEach(name -> readers.computeIfAbsent(name, _ -> new ArrayList<>())
                            .add(node));
        }
    }

    public Optional<NodeProto> writer(String tensor) {
        return Optional.ofNullable(writers.get(tensor));
    }

    public List<NodeProto> readers(String tensor) {
        return readers.getOrDefault(tensor, List.of());
    }

    public Optional<TensorProto> constant(String tensor) {
        return Optional.ofNullable(constants.get(tensor));
    }

    public boolean isOutput(String tensor) {
        return outputs.contains(tensor);
    }

    /** The one node that reads a tensor, when nobody else sees it. */
    public Optional<NodeProto> onlyReader(String tensor) {
        var all = readers(tensor);
        return all.size() == 1 && !isOutput(tensor) ? Optional.of(all.getFirst()) : Optional.empty();
    }

    /** The graph without constants that nobody reads. */
    public static GraphProto withoutUnread(GraphProto graph) {
        var uses = new Uses(graph);
        var kept = graph.getInitializerList().stream()
                .filter(tensor -> uses.isOutput(tensor.getName())
                        || !uses.readers(tensor.getName()).isEmpty())
                .toList();
        return graph.toBuilder().clearInitializer().addAllInitializer(kept).build();
    }
}
