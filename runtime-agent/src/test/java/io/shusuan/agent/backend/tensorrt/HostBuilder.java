package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.BuildSettings;
import io.shusuan.agent.engine.build.ShapeProfile;
import io.shusuan.agent.engine.graph.Names;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.ValueInfoProto;
import io.shusuan.agent.inference.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes the host engine's plans of ONNX models that have one node it knows. */
final class HostBuilder {
    private static final Map<String, String> OPERATIONS =
            Map.of("Add", "add", "Identity", "identity", "NonZero", "nonzero", "Expand", "expand");
    private static final Map<Integer, String> TYPES = Map.of(1, "FP32", 6, "INT32", 7, "INT64", 10, "FP16");

    private HostBuilder() {}

    /** @param wrong whether the engine shall compute something else */
    static String plan(Path onnx, BuildSettings settings, String architecture, boolean wrong) {
        var graph = model(onnx).getGraph();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            check(graph.getNode(i), i);
        }
        var operation = wrong ? "identity" : OPERATIONS.get(graph.getNode(0).getOpType());
        var lines = new StringBuilder("HOST PLAN 1 " + architecture + "\n" + operation + "\n"
                + (settings.weightStreaming() ? "memory 4096 256\nstreamable 4096\n" : ""));
        for (var input : graph.getInputList()) {
            boolean sizes = "expand".equals(operation)
                    && input.getName().equals(graph.getNode(0).getInput(1));
            if (sizes) {
                int values = (int)
                        input.getType().getTensorType().getShape().getDim(0).getDimValue();
                settings.profiles()
                        .forEach(profile ->
                                ShapeProfile.checkValues(input.getName(), values, profile.range(input.getName())));
            }
            lines.append(sizes ? "sizes " : "input ").append(tensor(input));
            settings.profiles().forEach(profile -> lines.append(' ').append(range(profile, input.getName())));
            lines.append('\n');
        }
        graph.getOutputList()
                .forEach(
                        output -> lines.append("output ").append(tensor(output)).append('\n'));
        return lines + "end\n";
    }

    private static ModelProto model(Path onnx) {
        try {
            return ModelProto.parseFrom(Files.readAllBytes(onnx));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static void check(NodeProto node, int index) {
        if (!OPERATIONS.containsKey(node.getOpType())) {
            throw new OnnxRefusedException(List.of(new ParserError(
                    ParserFault.UNSUPPORTED_NODE,
                    node.getOpType(),
                    Names.of(node),
                    index,
                    "No importer registered for op: " + node.getOpType())));
        }
    }

    private static String tensor(ValueInfoProto tensor) {
        var type = tensor.getType().getTensorType();
        return tensor.getName() + " " + TYPES.get(type.getElemType()) + " "
                + type.getShape().getDimList().stream()
                        .map(dim -> dim.hasDimValue() ? Long.toString(dim.getDimValue()) : "-1")
                        .collect(Collectors.joining(","));
    }

    private static String range(ShapeProfile profile, String input) {
        var range = profile.range(input);
        return text(range.min()) + "/" + text(range.opt()) + "/" + text(range.max());
    }

    private static String text(Shape shape) {
        return Arrays.stream(shape.toArray()).mapToObj(Long::toString).collect(Collectors.joining(","));
    }
}
