package io.shusuan.agent.engine.session;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The tensors between a model's nodes. The engine is asked for their types: it infers them for every operator it has, and what it
 * infers is what holds when it runs the model.
 */
public final class Intermediates {
    private Intermediates() {}

    /** The type of every tensor of the main graph. */
    public static Map<String, TensorType> types(ModelProto model) throws EngineException {
        var types = new HashMap<String, TensorType>();
        try (var session = Session.open(exposed(model, _ -> true), SessionSettings.literal())) {
            session.inputs().forEach(type -> types.put(type.name(), type));
            session.outputs().forEach(type -> types.put(type.name(), type));
        }
        for (var tensor : model.getGraph().getInitializerList()) {
            types.put(tensor.getName(), constant(tensor));
        }
        return types;
    }

    private static TensorType constant(TensorProto tensor) {
        var type = DataType.forNumber(tensor.getDataType());
        return new TensorType(
                tensor.getName(),
                type == null ? DataType.UNDEFINED : type,
                tensor.getDimsList().stream().mapToLong(Long::longValue).toArray());
    }

    /** The model with the chosen tensors among its outputs. */
    public static ModelProto exposed(ModelProto model, Predicate<String> chosen) {
        var graph = model.getGraph().toBuilder();
        Set<String> already = new HashSet<>();
        graph.getOutputList().forEach(output -> already.add(output.getName()));
        for (var node : model.getGraph().getNodeList()) {
            for (var name : node.getOutputList()) {
                if (!name.isEmpty() && chosen.test(name) && already.add(name)) {
                    graph.addOutput(ValueInfoProto.newBuilder().setName(name));
                }
            }
        }
        return model.toBuilder().setGraph(graph).build();
    }
}
