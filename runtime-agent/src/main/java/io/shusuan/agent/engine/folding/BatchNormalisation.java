package io.shusuan.agent.engine.folding;

import io.shusuan.agent.engine.graph.Attributes;
import io.shusuan.agent.engine.graph.NewNames;
import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.graph.Uses;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.NodeProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts a batch normalisation into the convolution whose only reader it is: both are linear, so scaled weights and another bias do the
 * same. Quantisation needs it, for a normalisation between two quantised layers would run in FP32.
 */
final class BatchNormalisation {
    private static final float DEFAULT_EPSILON = 1e-5f;

    private final Uses uses;
    private final Map<String, NodeProto> convolutions = new HashMap<>();
    private final GraphProto.Builder result;
    private final NewNames names;

    private BatchNormalisation(GraphProto graph) {
        this.uses = new Uses(graph);
        this.result = graph.toBuilder().clearNode();
        this.names = new NewNames(graph);
    }

    static GraphProto folded(GraphProto graph) {
        var folding = new BatchNormalisation(graph);
        var gone = new HashSet<String>();
        for (var node : graph.getNodeList()) {
            folding.convolutionBefore(node).ifPresent(convolution -> {
                folding.convolutions.put(convolution.getOutput(0), folding.merged(convolution, node));
                gone.add(node.getOutput(0));
            });
        }
        for (var node : graph.getNodeList()) {
            if (node.getOutputCount() == 0 || !gone.contains(node.getOutput(0))) {
                folding.result.addNode(
                        node.getOutputCount() == 0 ? node : folding.convolutions.getOrDefault(node.getOutput(0), node));
            }
        }
        return folding.result.build();
    }

    private Optional<NodeProto> convolutionBefore(NodeProto node) {
        if (!node.getOpType().equals("BatchNormalization")
                || !node.getDomain().isEmpty()
                || node.getInputCount() != 5
                || node.getOutputCount() != 1
                || Attributes.number(node, "training_mode", 0) != 0
                || node.getInputList().subList(1, 5).stream()
                        .anyMatch(name -> weights(name).isEmpty())) {
            return Optional.empty();
        }
        return uses.writer(node.getInput(0))
                .filter(before -> before.getOpType().equals("Conv")
                        && before.getDomain().isEmpty()
                        && weights(before.getInput(1)).isPresent()
                        && (before.getInputCount() < 3
                                || weights(before.getInput(2)).isPresent())
                        && uses.onlyReader(node.getInput(0)).isPresent());
    }

    private Optional<TensorProto> weights(String name) {
        return uses.constant(name).filter(TensorValues::isFloat);
    }

    private float[] values(NodeProto node, int input) {
        return TensorValues.floats(weights(node.getInput(input)).orElseThrow());
    }

    private NodeProto merged(NodeProto convolution, NodeProto normalisation) {
        float epsilon = Attributes.real(normalisation, "epsilon", DEFAULT_EPSILON);
        float[] gamma = values(normalisation, 1);
        float[] beta = values(normalisation, 2);
        float[] mean = values(normalisation, 3);
        float[] variance = values(normalisation, 4);
        float[] weights = values(convolution, 1);
        float[] bias = convolution.getInputCount() > 2 ? values(convolution, 2) : new float[gamma.length];
        int filter = weights.length / gamma.length;
        for (int channel = 0; channel < gamma.length; channel++) {
            double factor = gamma[channel] / Math.sqrt((double) variance[channel] + epsilon);
            for (int i = channel * filter; i < (channel + 1) * filter; i++) {
                weights[i] = (float) (weights[i] * factor);
            }
            bias[channel] = (float) ((bias[channel] - mean[channel]) * factor + beta[channel]);
        }
        var output = normalisation.getOutput(0);
        var newWeights = names.of(output + ".folded_weights");
        var newBias = names.of(output + ".folded_bias");
        var dims = weights(convolution.getInput(1)).orElseThrow().getDimsList();
        result.addInitializer(TensorValues.floats(newWeights, dims, weights));
        result.addInitializer(TensorValues.floats(newBias, List.of((long) bias.length), bias));
        return convolution.toBuilder()
                .clearInput()
                .addInput(convolution.getInput(0))
                .addInput(newWeights)
                .addInput(newBias)
                .setOutput(0, output)
                .build();
    }
}
