package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.calibration.Ranges;
import io.shusuan.agent.engine.graph.Attributes;
import io.shusuan.agent.engine.graph.Names;
import io.shusuan.agent.engine.graph.NewNames;
import io.shusuan.agent.engine.graph.OperatorSets;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.precision.QuantisableNode.Weighted;
import io.shusuan.agent.engine.precision.Scheme.Step;
import io.shusuan.agent.engine.session.TensorType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a plan into the graph as pairs of QuantizeLinear and DequantizeLinear. The nodes themselves stay: an engine that knows the
 * pattern computes pair, node and pair as one in 8 bits, and one that does not still computes the same, in FP32.
 */
public final class Quantisation {
    private final Scheme scheme;
    private final QuantisationPlan plan;
    private final GraphProto.Builder result;
    private final NewNames names;

    private Quantisation(GraphProto graph, Scheme scheme, QuantisationPlan plan) {
        this.scheme = scheme;
        this.plan = plan;
        this.result = graph.toBuilder().clearNode().clearValueInfo();
        this.names = new NewNames(graph);
    }

    /** @throws EngineException when the model's operator set cannot express it */
    public static Converted convert(
            ModelProto model, Scheme scheme, Keep keep, Map<String, TensorType> types, Ranges ranges)
            throws EngineException {
        var raised = OperatorSets.raised(model, scheme.operatorSet());
        long set = OperatorSets.of(raised).version("");
        if (set < scheme.operatorSet()) {
            var obstacle = OperatorSets.of(raised)
                    .obstacle(raised.getGraph(), scheme.operatorSet())
                    .map(node -> ", where " + node.getOpType() + " '" + Names.of(node) + "' is another one")
                    .orElse("");
            throw new EngineException(
                    Fault.NOT_CONVERTIBLE,
                    "the model has operator set " + set + ", and quantising it needs set " + scheme.operatorSet()
                            + obstacle + ": export it with operator set " + scheme.operatorSet()
                            + " or newer (opset_version, or target_opset)");
        }
        var plan = QuantisationPlan.of(raised.getGraph(), scheme, keep, types, ranges);
        var graph = new Quantisation(raised.getGraph(), scheme, plan).rewritten(raised.getGraph());
        return new Converted(
                raised.toBuilder().setGraph(Uses.withoutUnread(graph)).build(), plan.layers);
    }

    private GraphProto rewritten(GraphProto graph) {
        plan.steps.forEach(this::constants);
        graph.getInputList().forEach(input -> pairBeside(input.getName()));
        for (var node : graph.getNodeList()) {
            if (plan.absorbed.containsValue(node.getOutput(0))) {
                continue;
            }
            result.addNode(rewritten(node));
            var output = plan.absorbed.getOrDefault(node.getOutput(0), node.getOutput(0));
            if (plan.written.contains(output)) {
                pair(output, raw(output), output);
            } else {
                node.getOutputList().forEach(this::pairBeside);
            }
        }
        return result.build();
    }

    private String raw(String tensor) {
        return names.of(tensor + ".raw");
    }

    private String dequantised(String tensor) {
        return names.of(tensor + ".dequantized");
    }

    private String quantised(String tensor) {
        return names.of(tensor + ".quantized");
    }

    private String scale(String tensor) {
        return names.of(tensor + ".scale");
    }

    private String zero(String tensor) {
        return names.of(tensor + ".zero");
    }

    private void constants(String tensor, Step step) {
        result.addInitializer(TensorValues.scalar(scale(tensor), step.scale()));
        result.addInitializer(
                TensorValues.bytes(zero(tensor), scheme.activations(), List.of(), new byte[] {(byte) step.zero()}));
    }

    /** A tensor that a node in FP32 wrote is quantised beside itself, for those who read it quantised. */
    private void pairBeside(String tensor) {
        if (plan.steps.containsKey(tensor) && !plan.written.contains(tensor)) {
            pair(tensor, tensor, dequantised(tensor));
        }
    }

    private void pair(String tensor, String from, String to) {
        result.addNode(node("QuantizeLinear", from, scale(tensor), zero(tensor), quantised(tensor)));
        result.addNode(node("DequantizeLinear", quantised(tensor), scale(tensor), zero(tensor), to));
    }

    private static NodeProto.Builder node(String operator, String input, String scale, String zero, String output) {
        return NodeProto.newBuilder()
                .setOpType(operator)
                .setName(output + "." + operator)
                .addInput(input)
                .addInput(scale)
                .addInput(zero)
                .addOutput(output);
    }

    private NodeProto rewritten(NodeProto node) {
        var output = plan.absorbed.getOrDefault(node.getOutput(0), node.getOutput(0));
        var changed = node.toBuilder();
        if (plan.isQuantised(node)) {
            for (int i = 0; i < node.getInputCount(); i++) {
                var input = node.getInput(i);
                if (plan.steps.containsKey(input) && !plan.written.contains(input)) {
                    changed.setInput(i, dequantised(input));
                }
            }
        }
        if (plan.written.contains(output)) {
            changed.setOutput(0, raw(output));
        } else if (!output.equals(node.getOutput(0))) {
            changed.setOutput(0, output);
        }
        var weighted = plan.weighted.get(node.getOutput(0));
        if (weighted != null) {
            weights(node, weighted, changed);
        }
        return changed.build();
    }

    private void weights(NodeProto node, Weighted weighted, NodeProto.Builder changed) {
        var weights = WeightTensor.of(weighted.weights(), weighted.axis());
        float[] scales = weights.scales(scheme);
        var input = plan.steps.get(node.getInput(0));
        if (weighted.bias().isPresent() && scheme.chained() && input != null) {
            var bias = new Bias(TensorValues.floats(weighted.bias().get()), input.scale());
            bias.widen(scales);
            var name = names.of(node.getOutput(0) + ".bias");
            constant(name, 0, bias.scales(scales), Optional.empty());
            result.addInitializer(bias.quantised(quantised(name), scales));
            changed.setInput(2, name);
        }
        var name = names.of(node.getOutput(0) + ".weights");
        constant(name, weighted.axis(), scales, Optional.of(scheme.weights()));
        result.addInitializer(weights.quantised(quantised(name), scheme, scales));
        changed.setInput(1, name);
    }

    /**
     * The node that turns a quantised constant back, with its scales.
     *
     * @param zero the type of its zero; none where nought is meant without
     */
    private void constant(String name, int axis, float[] scales, Optional<DataType> zero) {
        int channels = scales.length;
        var dims = channels == 1 ? List.<Long>of() : List.of((long) channels);
        result.addInitializer(TensorValues.floats(scale(name), dims, scales));
        var node = NodeProto.newBuilder()
                .setOpType("DequantizeLinear")
                .setName(name + ".DequantizeLinear")
                .addInput(quantised(name))
                .addInput(scale(name))
                .addOutput(name);
        zero.ifPresent(type -> {
            result.addInitializer(TensorValues.bytes(zero(name), type, dims, new byte[channels]));
            node.addInput(zero(name));
        });
        if (channels > 1) {
            node.addAttribute(Attributes.of("axis", axis));
        }
        result.addNode(node);
    }
}
