package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.util.Locale;

/**
 * A model in half precision as a CPU can run it: each node computes in FP32, and everything between nodes is rounded as the model says.
 * What it answers differs from a GPU's answer by no more than the order of sums.
 */
public final class Rehearsal {
    private static final String FULL = ".rehearsed";

    private Rehearsal() {}

    public static ModelProto of(ModelProto model, Half half) {
        var suffix = "." + half.name().toLowerCase(Locale.ROOT);
        var graph = model.getGraph().toBuilder().clearNode();
        int count = 0;
        for (var node : model.getGraph().getNodeList()) {
            if (node.getOpType().equals("Cast")) {
                graph.addNode(node);
                continue;
            }
            count++;
            var full = node.toBuilder();
            for (int i = 0; i < node.getInputCount(); i++) {
                if (node.getInput(i).endsWith(suffix)) {
                    full.setInput(i, node.getInput(i) + FULL + count + "." + i);
                    graph.addNode(Casts.node(node.getInput(i), full.getInput(i), DataType.FLOAT));
                }
            }
            graph.addNode(rounded(node, full, suffix, count));
            for (int i = 0; i < node.getOutputCount(); i++) {
                if (node.getOutput(i).endsWith(suffix)) {
                    graph.addNode(Casts.node(full.getOutput(i), node.getOutput(i), half.type()));
                }
            }
        }
        return model.toBuilder().setGraph(graph).build();
    }

    private static NodeProto rounded(NodeProto node, NodeProto.Builder full, String suffix, int count) {
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (node.getOutput(i).endsWith(suffix)) {
                full.setOutput(i, node.getOutput(i) + FULL + count);
            }
        }
        return full.build();
    }
}
