package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.onnx.ValueInfoProto;
import io.shusuan.agent.engine.session.TensorType;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** What a model's file says of its inputs. */
final class ModelInputs {
    private ModelInputs() {}

    /** Old files list weights among the inputs, too. */
    static List<TensorType> of(ModelProto model) {
        var weights = model.getGraph().getInitializerList().stream()
                .map(TensorProto::getName)
                .collect(Collectors.toSet());
        return model.getGraph().getInputList().stream()
                .filter(input -> !weights.contains(input.getName()))
                .map(ModelInputs::type)
                .toList();
    }

    private static TensorType type(ValueInfoProto input) {
        var tensor = input.getType().getTensorType();
        long[] shape = tensor.getShape().getDimList().stream()
                .mapToLong(dim -> dim.hasDimValue() ? dim.getDimValue() : -1)
                .toArray();
        var type = DataType.forNumber(tensor.getElemType());
        return new TensorType(input.getName(), Objects.requireNonNullElse(type, DataType.UNDEFINED), shape);
    }
}
