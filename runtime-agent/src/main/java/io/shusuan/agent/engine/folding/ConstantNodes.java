package io.shusuan.agent.engine.folding;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.graph.Names;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.onnx.ValueInfoProto;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import io.shusuan.agent.engine.session.TensorType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Nodes that read nothing but constants. The engine computes them, once, so that every operator it has can be folded. */
final class ConstantNodes {
    /** Larger results are left to be computed: a file must not grow because it was folded. */
    private static final long LARGEST = 1L << 22;

    /** Drawn anew on each run, or, for the last two, the very places where a model says it is quantised. */
    private static final Set<String> NEVER = Set.of(
            "RandomNormal",
            "RandomUniform",
            "RandomNormalLike",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli",
            "Dropout",
            "Constant",
            "QuantizeLinear",
            "DequantizeLinear");

    private ConstantNodes() {}

    /** What a Constant node holds, under the name of its output; empty for another node and for strings. */
    static Optional<TensorProto> value(NodeProto node) {
        if (!node.getOpType().equals("Constant") || !node.getDomain().isEmpty() || node.getAttributeCount() != 1) {
            return Optional.empty();
        }
        var name = node.getOutput(0);
        var given = node.getAttribute(0);
        return switch (given.getName()) {
            case "value" -> Optional.of(given.getT().toBuilder().setName(name).build());
            case "value_float" -> Optional.of(TensorValues.scalar(name, given.getF()));
            case "value_int" -> Optional.of(longs(name, List.of(), List.of(given.getI())));
            case "value_ints" -> Optional.of(longs(name, List.of((long) given.getIntsCount()), given.getIntsList()));
            case "value_floats" -> {
                float[] values = new float[given.getFloatsCount()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = given.getFloats(i);
                }
                yield Optional.of(TensorValues.floats(name, List.of((long) values.length), values));
            }
            default -> Optional.empty();
        };
    }

    private static TensorProto longs(String name, List<Long> dims, List<Long> values) {
        var raw = TensorValues.bytes(values.size(), Long.BYTES);
        values.forEach(raw::putLong);
        return TensorValues.raw(name, DataType.INT64, dims, raw);
    }

    static ModelProto computed(ModelProto model, Map<String, TensorType> types) throws EngineException {
        var graph = model.getGraph();
        var constant = new HashSet<String>();
        graph.getInitializerList().forEach(tensor -> constant.add(tensor.getName()));
        var folded = new LinkedHashSet<NodeProto>();
        for (var node : graph.getNodeList()) {
            if (isFoldable(node, constant, types)) {
                folded.add(node);
                constant.addAll(node.getOutputList());
            }
        }
        return folded.isEmpty() ? model : replaced(model, folded);
    }

    private static boolean isFoldable(NodeProto node, Set<String> constant, Map<String, TensorType> types) {
        return node.getDomain().isEmpty()
                && !NEVER.contains(node.getOpType())
                && Names.graphs(node).isEmpty()
                && node.getInputCount() > 0
                && constant.containsAll(Names.read(node))
                && node.getOutputList().stream().allMatch(name -> isSmall(types.get(name)));
    }

    private static boolean isSmall(@Nullable TensorType type) {
        return type != null
                && type.type() != DataType.STRING
                && type.type() != DataType.UNDEFINED
                && LongStream.of(type.shape()).allMatch(dim -> dim >= 0)
                && LongStream.of(type.shape()).asDoubleStream().reduce(1, (a, b) -> a * b) <= LARGEST;
    }

    private static ModelProto replaced(ModelProto model, Set<NodeProto> folded) throws EngineException {
        var graph = model.getGraph();
        var rest = graph.toBuilder().clearNode();
        graph.getNodeList().stream().filter(node -> !folded.contains(node)).forEach(rest::addNode);
        var uses = new Uses(rest.build());
        var wanted = new LinkedHashSet<String>();
        for (var node : folded) {
            for (var name : node.getOutputList()) {
                if (!uses.readers(name).isEmpty() || uses.isOutput(name)) {
                    wanted.add(name);
                }
            }
        }
        var part = graph.toBuilder().clearNode().clearInput().clearOutput().addAllNode(folded);
        wanted.forEach(name -> part.addOutput(ValueInfoProto.newBuilder().setName(name)));
        rest.addAllInitializer(
                run(model.toBuilder().setGraph(Uses.withoutUnread(part.build())).build()));
        return model.toBuilder().setGraph(rest).build();
    }

    private static List<TensorProto> run(ModelProto part) throws EngineException {
        if (part.getGraph().getOutputCount() == 0) {
            return List.of();
        }
        try (var session = Session.open(part, SessionSettings.literal())) {
            return session.run(Map.of()).entrySet().stream()
                    .map(entry -> {
                        var value = entry.getValue();
                        return TensorValues.raw(
                                entry.getKey(),
                                value.type(),
                                LongStream.of(value.shape()).boxed().toList(),
                                heap(value.data()));
                    })
                    .toList();
        }
    }

    private static ByteBuffer heap(ByteBuffer data) {
        return ByteBuffer.allocate(data.capacity())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(data.duplicate().rewind());
    }
}
