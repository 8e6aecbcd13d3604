package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInput;
import io.shusuan.agent.config.proto.ModelOutput;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What must hold of tensors whose values are sizes. */
public final class ShapeTensorRules {
    private ShapeTensorRules() {}

    /** Those among a model's inputs and outputs. */
    public static Set<String> names(ModelConfig config) {
        return Stream.concat(
                        config.getInputList().stream()
                                .filter(ModelInput::getIsShapeTensor)
                                .map(ModelInput::getName),
                        config.getOutputList().stream()
                                .filter(ModelOutput::getIsShapeTensor)
                                .map(ModelOutput::getName))
                .collect(Collectors.toUnmodifiableSet());
    }

    static void check(ConfigDocument document, Faults faults) {
        var config = document.config();
        for (int i = 0; i < config.getInputCount(); i++) {
            var input = config.getInput(i);
            if (input.getIsShapeTensor()) {
                var path = "input[" + i + "]";
                tensor(path, input.getDataType(), input.getDimsList(), input.hasReshape(), config, faults);
                faults.when(
                        input.getOptional(),
                        path + ".is_shape_tensor",
                        "contradicts optional: without its values no shape is known");
            }
        }
        for (int i = 0; i < config.getOutputCount(); i++) {
            var output = config.getOutput(i);
            if (output.getIsShapeTensor()) {
                tensor(
                        "output[" + i + "]",
                        output.getDataType(),
                        output.getDimsList(),
                        output.hasReshape(),
                        config,
                        faults);
            }
        }
    }

    private static void tensor(
            String path, DataType type, List<Long> dims, boolean reshaped, ModelConfig config, Faults faults) {
        faults.when(
                type != DataType.TYPE_INT32 && type != DataType.TYPE_INT64 && type != DataType.TYPE_INVALID,
                path + ".data_type",
                "is " + type + "; a shape tensor has TYPE_INT32 or TYPE_INT64");
        faults.when(
                dims.size() > 1 || dims.stream().anyMatch(dim -> dim < 0),
                path + ".dims",
                "are " + dims
                        + "; a shape tensor has one dimension, which says how many values there are without the batch");
        faults.when(reshaped, path + ".reshape", "contradicts is_shape_tensor: its values are sizes, in one dimension");
        faults.when(
                config.hasSequenceBatching(),
                path + ".is_shape_tensor",
                "does not go with sequence_batching: the requests of several sequences would have to agree in it");
        faults.when(
                isRagged(config),
                path + ".is_shape_tensor",
                "does not go with allow_ragged_batch, batch_input or batch_output");
    }

    private static boolean isRagged(ModelConfig config) {
        return config.getBatchInputCount() > 0
                || config.getBatchOutputCount() > 0
                || config.getInputList().stream().anyMatch(ModelInput::getAllowRaggedBatch);
    }
}
