package io.shusuan.agent.config;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.Signature;
import io.shusuan.agent.backend.Signature.TensorSpec;
import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelDynamicBatching;
import io.shusuan.agent.config.proto.ModelInput;
import io.shusuan.agent.config.proto.ModelOutput;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.ShapeTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Writes into a configuration what the model says of itself, and refuses one that contradicts the model.
 *
 * <p>A model whose every tensor has at least two dimensions, the first of which varies, is taken for one that works on batches:
 * a {@code max_batch_size} that is not given becomes the default (4, as Triton's), and dynamic batching is named. Where the text
 * names tensors, their rank decides: as many dimensions as the model's means that the batch is not the server's business. Where
 * configurations must be whole nothing is written into them, and what is missing is refused.
 */
public final class ConfigCompletion {
    private ConfigCompletion() {}

    /** @param defaultMaxBatchSize empty when nothing is to be completed */
    public static ModelConfig complete(ModelConfig given, Signature signature, OptionalInt defaultMaxBatchSize)
            throws LoadException {
        var config = given.toBuilder();
        boolean completes = defaultMaxBatchSize.isPresent();
        if (completes
                && config.getMaxBatchSize() == 0
                && isBatchable(signature)
                && !wholeShapesGiven(given, signature)) {
            config.setMaxBatchSize(Math.min(defaultMaxBatchSize.getAsInt(), signature.largestBatch()));
            if (config.getSchedulingChoiceCase() == ModelConfig.SchedulingChoiceCase.SCHEDULINGCHOICE_NOT_SET
                    && config.getMaxBatchSize() > 1) {
                config.setDynamicBatching(ModelDynamicBatching.getDefaultInstance());
            }
        }
        boolean batching = config.getMaxBatchSize() > 0;
        if (batching && !isBatched(signature)) {
            throw new LoadException("max_batch_size is " + config.getMaxBatchSize() + " but '" + given.getName()
                    + "' has a tensor whose first dimension is fixed or missing: set max_batch_size to 0");
        }
        if (batching && config.getMaxBatchSize() > signature.largestBatch()) {
            throw new LoadException("max_batch_size is " + config.getMaxBatchSize() + " but '" + given.getName()
                    + "' takes at most " + signature.largestBatch() + ": lower it, or build the model for more");
        }
        var hidden = HiddenTensors.of(given);
        if (completes && config.getInputCount() == 0) {
            signature.inputs().stream()
                    .filter(spec -> !hidden.hasInput(spec.name()))
                    .forEach(spec -> config.addInput(ModelInput.newBuilder()
                            .setName(spec.name())
                            .setDataType(type(spec))
                            .setIsShapeTensor(spec.shapeTensor())
                            .addAllDims(dims(spec, batching))));
        }
        if (completes && config.getOutputCount() == 0) {
            signature.outputs().stream()
                    .filter(spec -> !hidden.hasOutput(spec.name()))
                    .forEach(spec -> config.addOutput(ModelOutput.newBuilder()
                            .setName(spec.name())
                            .setDataType(type(spec))
                            .setIsShapeTensor(spec.shapeTensor())
                            .addAllDims(dims(spec, batching))));
        }
        for (var input : config.getInputList()) {
            agree("input", input.getName(), input.getDataType(), dims(input), signature.inputs(), batching);
            agree("input", input.getName(), input.getIsShapeTensor(), signature.inputs());
        }
        for (var output : config.getOutputList()) {
            if (isScattered(config, output.getName())) {
                // its elements lie in as many dimensions as the model likes
                continue;
            }
            agree(
                    "output",
                    output.getName(),
                    output.getDataType(),
                    output.hasReshape() ? output.getReshape().getShapeList() : output.getDimsList(),
                    signature.outputs(),
                    batching);
            agree("output", output.getName(), output.getIsShapeTensor(), signature.outputs());
        }
        for (var input : hidden.inputs()) {
            agree("input", input.getName(), input.getDataType(), input.getDimsList(), signature.inputs(), batching);
        }
        for (var output : hidden.outputs()) {
            agree(
                    "output",
                    output.getName(),
                    output.getDataType(),
                    output.getDimsList(),
                    signature.outputs(),
                    batching);
        }
        for (var spec : signature.inputs()) {
            if (!hidden.hasInput(spec.name())
                    && config.getInputList().stream().noneMatch(i -> i.getName().equals(spec.name()))) {
                throw new LoadException(
                        "the model has an input '" + spec.name() + "' that the configuration does not name");
            }
        }
        return config.build();
    }

    private static void agree(
            String what, String name, DataType type, List<Long> dims, List<TensorSpec> specs, boolean batching)
            throws LoadException {
        var spec = specs.stream().filter(s -> s.name().equals(name)).findFirst();
        if (spec.isEmpty()) {
            throw new LoadException("the configuration names the " + what + " '" + name + "', the model has "
                    + specs.stream().map(TensorSpec::name).toList());
        }
        if (type != type(spec.get())) {
            throw new LoadException("the configuration gives the " + what + " '" + name + "' the type " + type
                    + ", the model " + type(spec.get()));
        }
        var whole = Shape.of(dims);
        if (batching) {
            whole = ShapeTensor.batched(whole, spec.get().shapeTensor(), -1);
        }
        if (!compatible(spec.get().shape(), whole)) {
            throw new LoadException("the configuration gives the " + what + " '" + name + "' the shape " + whole
                    + (batching ? " (with the batch)" : "") + ", the model "
                    + spec.get().shape());
        }
    }

    /** What a tensor's values are for decides how its batches are made, so both must say the same. */
    private static void agree(String what, String name, boolean shapeTensor, List<TensorSpec> specs)
            throws LoadException {
        for (var spec : specs) {
            if (spec.name().equals(name) && spec.shapeTensor() != shapeTensor) {
                throw new LoadException("the model's " + what + " '" + name + "' is "
                        + (spec.shapeTensor() ? "a shape tensor: write" : "no shape tensor: leave out")
                        + " is_shape_tensor: true");
            }
        }
    }

    /** What the engine gets: all elements of a ragged input lie in one dimension. */
    private static List<Long> dims(ModelInput input) {
        if (input.getAllowRaggedBatch()) {
            return List.of();
        }
        return input.hasReshape() ? input.getReshape().getShapeList() : input.getDimsList();
    }

    private static boolean isScattered(ModelConfig.Builder config, String output) {
        return config.getBatchOutputList().stream()
                .anyMatch(each -> each.getTargetNameList().contains(output));
    }

    private static boolean compatible(Shape model, Shape configured) {
        if (model.rank() != configured.rank()) {
            return model.rank() == 0 && configured.equals(Shape.of(1));
        }
        for (int i = 0; i < model.rank(); i++) {
            if (model.dim(i) >= 0 && configured.dim(i) >= 0 && model.dim(i) != configured.dim(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the first value of a shape tensor is the batch only the configuration can say. */
    private static boolean isBatchable(Signature signature) {
        return isBatched(signature)
                && tensors(signature).allMatch(spec -> spec.shape().rank() > 1);
    }

    private static boolean isBatched(Signature signature) {
        return tensors(signature)
                .allMatch(spec -> spec.shape().rank() > 0
                        && (spec.shapeTensor()
                                ? spec.shape().dim(0) > 0
                                : spec.shape().dim(0) < 0));
    }

    private static Stream<TensorSpec> tensors(Signature signature) {
        return Stream.concat(signature.inputs().stream(), signature.outputs().stream());
    }

    private static boolean wholeShapesGiven(ModelConfig config, Signature signature) {
        return config.getInputList().stream()
                        .anyMatch(input -> rankOf(signature.inputs(), input.getName())
                                .filter(rank -> rank == input.getDimsCount())
                                .isPresent())
                || config.getOutputList().stream()
                        .anyMatch(output -> rankOf(signature.outputs(), output.getName())
                                .filter(rank -> rank == output.getDimsCount())
                                .isPresent());
    }

    private static Optional<Integer> rankOf(List<TensorSpec> specs, String name) {
        return specs.stream()
                .filter(s -> s.name().equals(name))
                .map(s -> s.shape().rank())
                .findFirst();
    }

    private static DataType type(TensorSpec spec) {
        return DataType.valueOf(spec.type().configName());
    }

    private static List<Long> dims(TensorSpec spec, boolean batching) {
        var shape = spec.shape();
        if (batching) {
            shape = spec.shapeTensor() ? shape.withBatch(shape.dim(0) - 1) : shape.withoutBatch();
        }
        return Arrays.stream(shape.toArray()).boxed().toList();
    }
}
