package io.shusuan.agent.engine.folding;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.graph.GraphCheck;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.session.Intermediates;
import java.util.HashSet;

/**
 * Makes a model ready to be converted: nodes in order, constants as initializers, batch normalisation inside the convolution before it.
 * What the model computes stays the same, up to rounding.
 */
public final class Folding {
    private Folding() {}

    public static ModelProto fold(ModelProto model) throws EngineException {
        var sorted = GraphCheck.sorted(model);
        var constant = withConstants(sorted);
        var folded = ConstantNodes.computed(constant, Intermediates.types(constant));
        var graph = Uses.withoutUnread(BatchNormalisation.folded(folded.getGraph()));
        return folded.toBuilder().setGraph(graph).build();
    }

    /** Initializers that old exporters list among the inputs are constants: callers do not send weights. */
    private static ModelProto withConstants(ModelProto model) {
        var graph = model.getGraph();
        var constants = new HashSet<String>();
        graph.getInitializerList().forEach(tensor -> constants.add(tensor.getName()));
        var inputs = graph.getInputList().stream()
                .filter(input -> !constants.contains(input.getName()))
                .toList();
        GraphProto.Builder result =
                graph.toBuilder().clearInput().addAllInput(inputs).clearNode().clearValueInfo();
        for (var node : graph.getNodeList()) {
            var value = ConstantNodes.value(node);
            if (value.isPresent()
                    && graph.getOutputList().stream().noneMatch(o -> o.getName().equals(node.getOutput(0)))) {
                result.addInitializer(value.get());
            } else {
                result.addNode(node);
            }
        }
        return model.toBuilder().setGraph(result).build();
    }
}
