package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.calibration.Ranges;
import io.shusuan.agent.engine.graph.Names;
import io.shusuan.agent.engine.graph.NewNames;
import io.shusuan.agent.engine.graph.Operator;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.precision.HalfRules.Decision;
import io.shusuan.agent.engine.session.TensorType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Lets nodes compute in half precision. A tensor keeps its name for its FP32 form and gets a second name for the other; each node reads
 * the form it computes in, and a Cast stands wherever a tensor is written in one form and read in the other. The model's inputs and
 * outputs stay FP32, so its callers notice nothing.
 */
public final class HalfPrecision {
    /** Smaller constants are not worth a Cast. */
    private static final long SMALLEST_STORED = 256;

    private final Half half;
    private final ModelProto model;
    private final Map<String, TensorType> types;
    private final Uses uses;
    private final NewNames names;
    private final IdentityHashMap<NodeProto, Decision> decisions = new IdentityHashMap<>();
    private final Set<String> writtenHalf = new HashSet<>();
    private final Set<String> readHalf = new HashSet<>();
    private final Set<String> readFull = new HashSet<>();
    /** Constants that nodes computing in FP32 read, all of which bear the rounding. */
    private final Set<String> stored = new HashSet<>();

    private HalfPrecision(ModelProto model, Half half, Map<String, TensorType> types) {
        this.model = model;
        this.half = half;
        this.types = types;
        this.uses = new Uses(model.getGraph());
        this.names = new NewNames(model.getGraph());
    }

    public static Converted convert(
            ModelProto model, Half half, Target target, Keep keep, Map<String, TensorType> types, Ranges ranges) {
        var conversion = new HalfPrecision(model, half, types);
        var rules = new HalfRules(model, half, target, keep, types, ranges);
        for (var node : model.getGraph().getNodeList()) {
            conversion.decisions.put(node, rules.decide(node));
        }
        if (target == Target.CPU) {
            conversion.giveUpIslands();
        }
        conversion.look();
        return new Converted(conversion.rewritten(), conversion.layers());
    }

    /** A node between FP32 nodes gains nothing on a CPU: the casts around it would cost more than it saves. */
    private void giveUpIslands() {
        for (var node : model.getGraph().getNodeList()) {
            if (decisions.get(node) instanceof Decision.Compute && !hasHalfNeighbour(node)) {
                decisions.put(node, new Decision.Store("stands alone between layers that compute in FP32"));
            }
        }
    }

    private boolean hasHalfNeighbour(NodeProto node) {
        var neighbours = new ArrayList<NodeProto>();
        node.getInputList().forEach(name -> uses.writer(name).ifPresent(neighbours::add));
        node.getOutputList().forEach(name -> neighbours.addAll(uses.readers(name)));
        return neighbours.stream().anyMatch(other -> decisions.get(other) instanceof Decision.Compute);
    }

    private void look() {
        var unrounded = new HashSet<String>();
        for (var node : model.getGraph().getNodeList()) {
            switch (decision(node)) {
                case Decision.Compute(var operator, var variables) -> {
                    forEachHalfInput(node, operator, variables, readHalf::add);
                    forEachHalfOutput(node, operator, variables, writtenHalf::add);
                    var full = new HashSet<>(node.getInputList());
                    forEachHalfInput(node, operator, variables, full::remove);
                    readFull.addAll(full);
                }
                case Decision.Store _ -> {
                    readFull.addAll(node.getInputList());
                    node.getInputList().stream().filter(this::isWorthStoring).forEach(stored::add);
                }
                case Decision.Stay _, Decision.Unconcerned _ -> {
                    readFull.addAll(Names.read(node));
                    unrounded.addAll(Names.read(node));
                }
            }
        }
        model.getGraph().getOutputList().forEach(output -> readFull.add(output.getName()));
        stored.removeAll(unrounded);
    }

    private Decision decision(NodeProto node) {
        return decisions.getOrDefault(node, new Decision.Unconcerned());
    }

    private boolean isWorthStoring(String name) {
        return uses.constant(name)
                .filter(t -> isFloat(name) && TensorValues.count(t) >= SMALLEST_STORED)
                .isPresent();
    }

    private boolean isFloat(String name) {
        var type = types.get(name);
        return type != null && type.isFloat();
    }

    private interface Seen {
        void accept(String name);
    }

    private void forEachHalfInput(NodeProto node, Operator operator, Set<String> variables, Seen seen) {
        for (int i = 0; i < node.getInputCount(); i++) {
            if (isFloat(node.getInput(i)) && variables.contains(operator.inputType(i))) {
                seen.accept(node.getInput(i));
            }
        }
    }

    private void forEachHalfOutput(NodeProto node, Operator operator, Set<String> variables, Seen seen) {
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (isFloat(node.getOutput(i)) && variables.contains(operator.outputType(i))) {
                seen.accept(node.getOutput(i));
            }
        }
    }

    private String halfName(String name) {
        return names.of(name + "." + half.name().toLowerCase(Locale.ROOT));
    }

    private ModelProto rewritten() {
        var graph = model.getGraph().toBuilder().clearNode().clearInitializer().clearValueInfo();
        for (var tensor : model.getGraph().getInitializerList()) {
            constant(graph, tensor);
        }
        for (var input : model.getGraph().getInputList()) {
            bridge(graph, input.getName());
        }
        for (var node : model.getGraph().getNodeList()) {
            graph.addNode(rewritten(node));
            node.getOutputList().forEach(name -> bridge(graph, name));
        }
        return model.toBuilder().setGraph(graph).build();
    }

    private void constant(GraphProto.Builder graph, TensorProto tensor) {
        var name = tensor.getName();
        boolean asHalf = readHalf.contains(name) || stored.contains(name);
        if (asHalf) {
            graph.addInitializer(half.rounded(tensor, halfName(name)));
        }
        if (stored.contains(name)) {
            graph.addNode(Casts.node(halfName(name), name, DataType.FLOAT));
        } else if (readFull.contains(name) || !asHalf) {
            graph.addInitializer(tensor);
        }
    }

    /** Casts a tensor that was just written, if somebody reads its other form. */
    private void bridge(GraphProto.Builder graph, String name) {
        if (writtenHalf.contains(name)) {
            if (readFull.contains(name)) {
                graph.addNode(Casts.node(halfName(name), name, DataType.FLOAT));
            }
        } else if (readHalf.contains(name)) {
            graph.addNode(Casts.node(name, halfName(name), half.type()));
        }
    }

    private NodeProto rewritten(NodeProto node) {
        if (!(decision(node) instanceof Decision.Compute(var operator, var variables))) {
            return node;
        }
        var result = node.toBuilder();
        for (int i = 0; i < node.getInputCount(); i++) {
            if (isFloat(node.getInput(i)) && variables.contains(operator.inputType(i))) {
                result.setInput(i, halfName(node.getInput(i)));
            }
        }
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (writtenHalf.contains(node.getOutput(i))) {
                result.setOutput(i, halfName(node.getOutput(i)));
            }
        }
        return result.build();
    }

    private List<Layer> layers() {
        var layers = new ArrayList<Layer>();
        for (var node : model.getGraph().getNodeList()) {
            layers.add(
                    switch (decision(node)) {
                        case Decision.Compute _ -> layer(node, Layer.Outcome.CONVERTED, "");
                        case Decision.Store(var reason) ->
                            layer(
                                    node,
                                    node.getInputList().stream().anyMatch(stored::contains)
                                            ? Layer.Outcome.STORED
                                            : Layer.Outcome.KEPT,
                                    reason);
                        case Decision.Stay(var reason) -> layer(node, Layer.Outcome.KEPT, reason);
                        case Decision.Unconcerned _ -> layer(node, Layer.Outcome.UNCONCERNED, "");
                    });
        }
        return layers;
    }

    private static Layer layer(NodeProto node, Layer.Outcome outcome, String reason) {
        return new Layer(Names.of(node), node.getOpType(), outcome, reason);
    }
}
