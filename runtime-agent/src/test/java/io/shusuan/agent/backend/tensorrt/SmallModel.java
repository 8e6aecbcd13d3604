package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.OperatorSetIdProto;
import io.shusuan.agent.engine.onnx.StringStringEntryProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorShapeProto;
import io.shusuan.agent.engine.onnx.TypeProto;
import io.shusuan.agent.engine.onnx.ValueInfoProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** ONNX models of one node, over rows of four numbers. */
final class SmallModel {
    private SmallModel() {}

    /** SUM = A + B. */
    static Path add(Path file) {
        return add(file, "only");
    }

    /** The same by another name: another model. */
    static Path add(Path file, String name) {
        return write(file, node("Add", "A", "B").toBuilder().setName(name).build(), "A", "B");
    }

    /** SUM = A, a column, as often beside itself as SIZES says, which are two: rows and columns. */
    static Path expand(Path file) {
        var open = TensorShapeProto.Dimension.newBuilder();
        var graph = GraphProto.newBuilder()
                .setName("small")
                .addNode(node("Expand", "A", "SIZES"))
                .addInput(tensor(
                        "A",
                        TensorProto.DataType.FLOAT_VALUE,
                        open.setDimParam("rows").build(),
                        TensorShapeProto.Dimension.newBuilder().setDimValue(1).build()))
                .addInput(tensor(
                        "SIZES",
                        TensorProto.DataType.INT64_VALUE,
                        TensorShapeProto.Dimension.newBuilder().setDimValue(2).build()))
                .addOutput(tensor(
                        "SUM",
                        TensorProto.DataType.FLOAT_VALUE,
                        open.setDimParam("rows").build(),
                        open.setDimParam("columns").build()));
        return write(file, graph);
    }

    /** SUM = Relu(A), which the host engine does not have. */
    static Path relu(Path file) {
        return write(file, node("Relu", "A"), "A");
    }

    /** SUM = A, with a weight that nobody reads in {@code weights/w} beside the model. */
    static Path withWeightsBeside(Path file) {
        var weight = TensorProto.newBuilder()
                .setName("W")
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addDims(4)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                        StringStringEntryProto.newBuilder().setKey("location").setValue("weights/w"))
                .build();
        try {
            Files.createDirectories(file.resolveSibling("weights"));
            Files.write(file.resolveSibling("weights/w"), new byte[4 * Float.BYTES]);
            var model = ModelProto.parseFrom(Files.readAllBytes(write(file, node("Identity", "A"), "A"))).toBuilder();
            model.getGraphBuilder().addInitializer(weight);
            return Files.write(file, model.build().toByteArray());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static NodeProto node(String operator, String... inputs) {
        var node = NodeProto.newBuilder().setName("only").setOpType(operator).addOutput("SUM");
        for (var input : inputs) {
            node.addInput(input);
        }
        return node.build();
    }

    private static Path write(Path file, NodeProto node, String... inputs) {
        var graph = GraphProto.newBuilder().setName("small").addNode(node).addOutput(rows("SUM"));
        for (var input : inputs) {
            graph.addInput(rows(input));
        }
        return write(file, graph);
    }

    private static Path write(Path file, GraphProto.Builder graph) {
        var model = ModelProto.newBuilder()
                .setIrVersion(9)
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
                .setGraph(graph)
                .build();
        try {
            Files.createDirectories(file.getParent());
            return Files.write(file, model.toByteArray());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static ValueInfoProto rows(String name) {
        return tensor(
                name,
                TensorProto.DataType.FLOAT_VALUE,
                TensorShapeProto.Dimension.newBuilder().setDimParam("rows").build(),
                TensorShapeProto.Dimension.newBuilder().setDimValue(4).build());
    }

    private static ValueInfoProto tensor(String name, int type, TensorShapeProto.Dimension... dims) {
        var shape = TensorShapeProto.newBuilder().addAllDim(List.of(dims));
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }
}
