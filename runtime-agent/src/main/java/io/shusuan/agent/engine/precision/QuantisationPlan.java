package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.calibration.Ranges;
import io.shusuan.agent.engine.graph.Attributes;
import io.shusuan.agent.engine.graph.Names;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.precision.Layer.Outcome;
import io.shusuan.agent.engine.precision.QuantisableNode.Carrier;
import io.shusuan.agent.engine.precision.QuantisableNode.Combining;
import io.shusuan.agent.engine.precision.QuantisableNode.Not;
import io.shusuan.agent.engine.precision.QuantisableNode.Weighted;
import io.shusuan.agent.engine.precision.Scheme.Step;
import io.shusuan.agent.engine.session.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which nodes are quantised, and with which step each tensor between them. Decided in the order in which nodes run: what hands values on
 * or combines them is quantised where what it reads is.
 */
final class QuantisationPlan {
    private final Scheme scheme;
    private final Keep keep;
    private final Ranges ranges;
    private final Map<String, TensorType> types;
    private final Uses uses;
    /** Steps of tensors, by their names; a tensor that is not here stays FP32. */
    final Map<String, Step> steps = new LinkedHashMap<>();
    /** Outputs of nodes that are quantised. */
    final Set<String> written = new HashSet<>();
    /** Quantised nodes with weights, by their outputs. */
    final Map<String, Weighted> weighted = new HashMap<>();
    /** Rectifiers that the quantisation of what they read replaces: their outputs, by what they read. */
    final Map<String, String> absorbed = new HashMap<>();

    final List<Layer> layers = new ArrayList<>();

    private QuantisationPlan(GraphProto graph, Scheme scheme, Keep keep, Map<String, TensorType> types, Ranges ranges) {
        this.scheme = scheme;
        this.keep = keep;
        this.types = types;
        this.ranges = ranges;
        this.uses = new Uses(graph);
    }

    static QuantisationPlan of(
            GraphProto graph, Scheme scheme, Keep keep, Map<String, TensorType> types, Ranges ranges) {
        var plan = new QuantisationPlan(graph, scheme, keep, types, ranges);
        graph.getNodeList().forEach(plan::decide);
        plan.leaveLastResultsAlone(graph);
        return plan;
    }

    private void decide(NodeProto node) {
        if (absorbed.containsValue(node.getOutput(0))) {
            layer(node, Outcome.CONVERTED, "done by the range of what it reads");
            return;
        }
        if (node.getInputList().stream().noneMatch(this::isFloat)) {
            layer(node, Outcome.UNCONCERNED, "");
            return;
        }
        if (keep.contains(node)) {
            layer(node, Outcome.KEPT, "listed to be kept");
            return;
        }
        var reason = switch (QuantisableNode.of(node, uses)) {
            case Weighted multiplied -> weighted(node, multiplied);
            case Combining _ -> combining(node);
            case Carrier _ -> carrier(node);
            case Not(var why) -> Optional.of(why);
        };
        layer(node, reason.isPresent() ? Outcome.KEPT : Outcome.CONVERTED, reason.orElse(""));
    }

    /** Each answers why the node cannot be quantised, or nothing once it is. */
    private Optional<String> weighted(NodeProto node, Weighted multiplied) {
        var input = node.getInput(0);
        if (!steps.containsKey(input)) {
            var range = ranges.of(input);
            if (range.isEmpty()) {
                return Optional.of("'" + input + "' held no finite value on the samples");
            }
            steps.put(input, scheme.step(range.get()));
        }
        weighted.put(node.getOutput(0), multiplied);
        return scheme.chained() ? output(node) : Optional.empty();
    }

    private Optional<String> combining(NodeProto node) {
        if (!scheme.chained()) {
            return Optional.of("only what multiplies with weights is quantised");
        }
        for (var input : node.getInputList()) {
            if (!steps.containsKey(input)) {
                return Optional.of("'" + input + "', which it reads, is not quantised");
            }
        }
        return output(node);
    }

    private Optional<String> carrier(NodeProto node) {
        var step = steps.get(node.getInput(0));
        if (!scheme.chained() || step == null || !written.contains(node.getInput(0))) {
            return Optional.of("what it reads is not quantised");
        }
        steps.put(node.getOutput(0), step);
        written.add(node.getOutput(0));
        return Optional.empty();
    }

    private Optional<String> output(NodeProto node) {
        var output = rectified(node.getOutput(0)).orElse(node.getOutput(0));
        var range = ranges.of(output);
        if (range.isEmpty()) {
            weighted.remove(node.getOutput(0));
            return Optional.of("'" + output + "' held no finite value on the samples");
        }
        if (!output.equals(node.getOutput(0))) {
            absorbed.put(node.getOutput(0), output);
        }
        steps.put(output, scheme.step(range.get()));
        written.add(output);
        return Optional.empty();
    }

    /** The output of the rectifier that alone reads a tensor: an unsigned type whose zero is 0 cuts off below zero by itself. */
    private Optional<String> rectified(String tensor) {
        return uses.onlyReader(tensor)
                .filter(next -> next.getOpType().equals("Relu") || isClipFromZero(next))
                .filter(next -> !keep.contains(next))
                .map(next -> next.getOutput(0));
    }

    private boolean isClipFromZero(NodeProto node) {
        return node.getOpType().equals("Clip")
                && node.getInputCount() > 1
                && uses.constant(node.getInput(1))
                        .filter(TensorValues::isFloat)
                        .filter(least -> TensorValues.floats(least)[0] == 0)
                        .isPresent()
                && Attributes.find(node, "min").isEmpty();
    }

    /** What no quantised node reads is better not rounded once more; Gemm and MatMul can answer in FP32. */
    private void leaveLastResultsAlone(GraphProto graph) {
        for (var node : graph.getNodeList()) {
            var output = node.getOutput(0);
            boolean multiplies =
                    node.getOpType().equals("Gemm") || node.getOpType().equals("MatMul");
            if (multiplies
                    && written.contains(output)
                    && uses.readers(output).stream().noneMatch(this::isQuantised)) {
                steps.remove(output);
                written.remove(output);
            }
        }
    }

    boolean isQuantised(NodeProto node) {
        var output = node.getOutput(0);
        return weighted.containsKey(output) || written.contains(output) || absorbed.containsKey(output);
    }

    private void layer(NodeProto node, Outcome outcome, String reason) {
        layers.add(new Layer(Names.of(node), node.getOpType(), outcome, reason));
    }

    private boolean isFloat(String tensor) {
        var type = types.get(tensor);
        return type != null && type.isFloat();
    }
}
