package io.shusuan.agent.engine;

import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.OperatorSetIdProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.onnx.TypeProto;
import io.shusuan.agent.engine.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** A model over rows of one width, written node by node. Its input is {@code x}; a node is called as what it writes. */
public final class RowsModel {
    private final long width;
    private final GraphProto.Builder graph = GraphProto.newBuilder().setName("rows");

    public RowsModel(long width) {
        this.width = width;
        graph.addInput(rows("x"));
    }

    private ValueInfoProto rows(String name) {
        var type = TypeProto.newBuilder();
        var shape =
                type.getTensorTypeBuilder().setElemType(DataType.FLOAT_VALUE).getShapeBuilder();
        shape.addDimBuilder().setDimParam("N");
        shape.addDimBuilder().setDimValue(width);
        return ValueInfoProto.newBuilder().setName(name).setType(type).build();
    }

    public RowsModel node(String operator, String output, String... inputs) {
        graph.addNode(NodeProto.newBuilder()
                .setOpType(operator)
                .setName(output)
                .addAllInput(List.of(inputs))
                .addOutput(output));
        return this;
    }

    public RowsModel constant(String name, float[] values, long... dims) {
        graph.addInitializer(
                TensorValues.floats(name, LongStream.of(dims).boxed().toList(), values));
        return this;
    }

    /** Normally distributed around zero. */
    public RowsModel weights(String name, Random random, double deviation, long... dims) {
        int count = Math.toIntExact(LongStream.of(dims).reduce(1, Math::multiplyExact));
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return constant(name, values, dims);
    }

    public ModelProto answering(String... outputs) {
        var all = new ArrayList<ValueInfoProto>();
        for (var output : outputs) {
            all.add(rows(output));
        }
        return ModelProto.newBuilder()
                .setIrVersion(9)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph.clone().addAllOutput(all))
                .build();
    }
}
