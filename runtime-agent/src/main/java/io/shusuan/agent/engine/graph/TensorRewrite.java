package io.shusuan.agent.engine.graph;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.onnx.AttributeProto;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.TensorProto;

/** Replaces tensors wherever a model can hold one: initializers, attributes, and those of graphs within. */
interface TensorRewrite {
    TensorProto rewrite(TensorProto tensor) throws EngineException;

    static ModelProto every(ModelProto model, TensorRewrite rewrite) throws EngineException {
        return model.toBuilder().setGraph(graph(model.getGraph(), rewrite)).build();
    }

    private static GraphProto graph(GraphProto graph, TensorRewrite rewrite) throws EngineException {
        var result = graph.toBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            result.setInitializer(i, rewrite.rewrite(graph.getInitializer(i)));
        }
        for (int n = 0; n < graph.getNodeCount(); n++) {
            var node = graph.getNode(n);
            for (int a = 0; a < node.getAttributeCount(); a++) {
                var attribute = node.getAttribute(a);
                if (attribute.hasT()
                        || attribute.hasG()
                        || attribute.getTensorsCount() + attribute.getGraphsCount() > 0) {
                    result.getNodeBuilder(n).setAttribute(a, attribute(attribute, rewrite));
                }
            }
        }
        return result.build();
    }

    private static AttributeProto attribute(AttributeProto attribute, TensorRewrite rewrite) throws EngineException {
        var result = attribute.toBuilder();
        if (attribute.hasT()) {
            result.setT(rewrite.rewrite(attribute.getT()));
        }
        if (attribute.hasG()) {
            result.setG(graph(attribute.getG(), rewrite));
        }
        for (int i = 0; i < attribute.getTensorsCount(); i++) {
            result.setTensors(i, rewrite.rewrite(attribute.getTensors(i)));
        }
        for (int i = 0; i < attribute.getGraphsCount(); i++) {
            result.setGraphs(i, graph(attribute.getGraphs(i), rewrite));
        }
        return result.build();
    }
}
