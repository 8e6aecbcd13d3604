package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.graph.Attributes;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import java.util.Optional;
import java.util.Set;

/** What quantisation can do with a node: multiply weights, carry values on, combine them, or nothing. */
sealed interface QuantisableNode {
    /** Multiplies with constant weights, whose channels lie along the axis. */
    record Weighted(TensorProto weights, int axis, Optional<TensorProto> bias) implements QuantisableNode {}

    /** Hands on the values it reads, or some of them. */
    record Carrier() implements QuantisableNode {}

    /** Computes new values of several that are quantised. */
    record Combining() implements QuantisableNode {}

    record Not(String reason) implements QuantisableNode {}

    Set<String> CARRIERS = Set.of("MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze");
    Set<String> COMBINING = Set.of("Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool");

    static QuantisableNode of(NodeProto node, Uses uses) {
        if (!node.getDomain().isEmpty()) {
            return new Not("no rule for operators of the domain " + node.getDomain());
        }
        return switch (node.getOpType()) {
            case "Conv" -> weighted(node, uses, 0);
            case "Gemm" -> gemm(node, uses);
            case "MatMul" -> matMul(node, uses);
            default -> {
                if (CARRIERS.contains(node.getOpType()) && node.getOutputCount() == 1) {
                    yield new Carrier();
                }
                yield COMBINING.contains(node.getOpType())
                        ? new Combining()
                        : new Not(node.getOpType() + " has no kernel for 8 bits that would pay");
            }
        };
    }

    private static QuantisableNode gemm(NodeProto node, Uses uses) {
        if (Attributes.real(node, "alpha", 1) != 1
                || Attributes.real(node, "beta", 1) != 1
                || Attributes.number(node, "transA", 0) != 0) {
            return new Not("a Gemm with alpha, beta or transA");
        }
        return weighted(node, uses, Attributes.number(node, "transB", 0) == 0 ? 1 : 0);
    }

    private static QuantisableNode matMul(NodeProto node, Uses uses) {
        var weights = uses.constant(node.getInput(1));
        return weights.isPresent() && weights.get().getDimsCount() != 2
                ? new Not("weights of " + weights.get().getDimsCount() + " dimensions")
                : weighted(node, uses, 1);
    }

    private static QuantisableNode weighted(NodeProto node, Uses uses, int axis) {
        var weights = uses.constant(node.getInput(1)).filter(TensorValues::isFloat);
        if (weights.isEmpty()) {
            return new Not("its weights are no constant of FP32");
        }
        boolean biased = node.getInputCount() > 2 && !node.getInput(2).isEmpty();
        var bias =
                biased ? uses.constant(node.getInput(2)).filter(TensorValues::isFloat) : Optional.<TensorProto>empty();
        if (biased && bias.isEmpty()) {
            return new Not("its bias is no constant of FP32");
        }
        long channels = weights.get().getDims(axis);
        if (bias.isPresent() && TensorValues.count(bias.get()) != channels) {
            return new Not("its bias is not one number per channel");
        }
        return new Weighted(weights.get(), axis, bias);
    }
}
