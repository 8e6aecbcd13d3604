package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.util.List;
import java.util.Set;

/**
 * The axes of reductions, which were an attribute and are an input since operator set 18. Nothing else about these operators has changed from set
 * 13 on.
 */
final class ReductionAxes {
    private static final Set<String> OPERATORS = Set.of(
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSumSquare");

    private ReductionAxes() {}

    /** Whether a node of an older set can be written for the newer ones. */
    static boolean areMeant(NodeProto node) {
        return OPERATORS.contains(node.getOpType()) && node.getInputCount() == 1;
    }

    /** The graph with all axes as inputs. */
    static GraphProto read(GraphProto graph) {
        return read(graph, new NewNames(graph));
    }

    private static GraphProto read(GraphProto graph, NewNames names) {
        var changed = graph.toBuilder();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            changed.setNode(i, read(graph.getNode(i), changed, names));
        }
        return changed.build();
    }

    private static NodeProto read(NodeProto node, GraphProto.Builder graph, NewNames names) {
        var changed = node.toBuilder().clearAttribute();
        for (var attribute : node.getAttributeList()) {
            if (attribute.hasG()) {
                changed.addAttribute(attribute.toBuilder().setG(read(attribute.getG(), names)));
            } else if (areMeant(node) && attribute.getName().equals("axes")) {
                var name = names.of(node.getOutput(0) + ".axes");
                var values = TensorValues.bytes(attribute.getIntsCount(), Long.BYTES);
                attribute.getIntsList().forEach(values::putLong);
                graph.addInitializer(
                        TensorValues.raw(name, DataType.INT64, List.of((long) attribute.getIntsCount()), values));
                changed.addInput(name);
            } else {
                changed.addAttribute(attribute);
            }
        }
        return changed.build();
    }
}
