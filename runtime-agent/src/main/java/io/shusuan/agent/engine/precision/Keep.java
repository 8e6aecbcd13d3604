package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.graph.Names;
import io.shusuan.agent.engine.onnx.NodeProto;
import java.util.Set;

/** Nodes that whoever converts wants left in FP32, by their names or by their operators. */
public record Keep(Set<String> listed) {
    public Keep {
        listed = Set.copyOf(listed);
    }

    boolean contains(NodeProto node) {
        return listed.contains(Names.of(node)) || listed.contains(node.getOpType());
    }
}
