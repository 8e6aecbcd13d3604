package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.ShapeTensor;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a model takes and gives, and the one place where a request is held against it. Shapes include the batch dimension when the
 * model has one. A decoupled model gives any number of answers to a request.
 */
public record ModelInterface(String model, int maxBatchSize, List<Port> inputs, List<Port> outputs, boolean decoupled) {
    /**
     * One input or output.
     *
     * @param shapeTensor whether its values are sizes, the first of which is the batch where the model has batches
     */
    public record Port(String name, DataType type, Shape shape, boolean optional, boolean shapeTensor) {
        private long batch(Tensor tensor) {
            return shapeTensor ? ShapeTensor.batch(tensor) : tensor.shape().dim(0);
        }
    }

    public static ModelInterface of(ModelConfig config) {
        int maxBatchSize = config.getMaxBatchSize();
        return new ModelInterface(
                config.getName(),
                maxBatchSize,
                config.getInputList().stream()
                        .map(input -> port(
                                input.getName(),
                                input.getDataType().name(),
                                input.getDimsList(),
                                input.getOptional(),
                                input.getIsShapeTensor(),
                                maxBatchSize))
                        .toList(),
                config.getOutputList().stream()
                        .map(output -> port(
                                output.getName(),
                                output.getDataType().name(),
                                output.getDimsList(),
                                false,
                                output.getIsShapeTensor(),
                                maxBatchSize))
                        .toList(),
                config.getModelTransactionPolicy().getDecoupled());
    }

    private static Port port(
            String name, String type, List<Long> dims, boolean optional, boolean shapeTensor, int maxBatchSize) {
        var shape = Shape.of(dims);
        if (maxBatchSize > 0) {
            shape = ShapeTensor.batched(shape, shapeTensor, -1);
        }
        return new Port(name, DataType.named(type).orElseThrow(), shape, optional, shapeTensor);
    }

    /** Refuses a request this model cannot serve, before it waits in any queue. */
    public void check(InferenceRequest request) {
        for (var input : request.inputs()) {
            if (port(inputs, input.name()) == null) {
                throw ServingException.invalid(
                        "unexpected inference input '" + input.name() + "' for model '" + model + "'");
            }
        }
        for (var output : request.outputs()) {
            if (port(outputs, output) == null) {
                throw ServingException.invalid(
                        "unexpected inference output '" + output + "' for model '" + model + "'");
            }
        }
        completeness(request);
        long batch = -1;
        for (var input : request.inputs()) {
            var port = port(inputs, input.name());
            if (port == null) {
                continue;
            }
            fits(request, input, port);
            if (maxBatchSize > 0) {
                long size = port.batch(input);
                if (batch >= 0 && size != batch) {
                    throw ServingException.invalid(request.label() + "input '" + input.name()
                            + "' batch size does not match other inputs for '" + model + "'");
                }
                batch = size;
            }
        }
        if (maxBatchSize > 0 && batch > maxBatchSize) {
            throw ServingException.invalid(request.label() + "inference request batch-size must be <= " + maxBatchSize
                    + " for '" + model + "'");
        }
        if (maxBatchSize > 0 && batch == 0) {
            throw ServingException.invalid(
                    request.label() + "inference request batch-size must be >= 1 for '" + model + "'");
        }
    }

    private void completeness(InferenceRequest request) {
        if (isComplete(request)) {
            return;
        }
        long required = inputs.stream().filter(port -> !port.optional()).count();
        var missing = inputs.stream()
                .filter(port -> !port.optional())
                .map(Port::name)
                .filter(name -> request.inputs().stream()
                        .noneMatch(input -> input.name().equals(name)))
                .toList();
        long distinct = request.inputs().stream().map(Tensor::name).distinct().count();
        if (distinct != request.inputs().size()) {
            throw ServingException.invalid(request.label() + "an input is given twice for model '" + model + "'");
        }
        throw ServingException.invalid(request.label() + "expected " + required + " inputs but got "
                + request.inputs().size() + " inputs for model '" + model + "'. Got input(s) "
                + quoted(request.inputs().stream().map(Tensor::name).toList())
                + ", but missing required input(s) " + quoted(missing)
                + ". Please provide all required input(s).");
    }

    /** Whether each input is given, the optional ones at most once and the others exactly once. */
    private boolean isComplete(InferenceRequest request) {
        for (var port : inputs) {
            int given = 0;
            for (var input : request.inputs()) {
                given += input.name().equals(port.name()) ? 1 : 0;
            }
            if (given > 1 || (given == 0 && !port.optional())) {
                return false;
            }
        }
        return true;
    }

    private void fits(InferenceRequest request, Tensor input, Port port) {
        if (input.type() != port.type()) {
            throw ServingException.invalid(request.label() + "inference input '" + input.name() + "' data-type is '"
                    + input.type() + "', but model '" + model + "' expects '" + port.type() + "'");
        }
        if (!port.shape().accepts(input.shape())) {
            throw ServingException.invalid(
                    request.label() + "unexpected shape for input '" + input.name() + "' for model '"
                            + model + "'. Expected " + port.shape() + ", got " + input.shape() + "."
                            + (maxBatchSize > 0
                                    ? " NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be"
                                            + " prepended to each input shape. If you want to specify the full shape including the"
                                            + " batch dim in your input dims config, try setting max_batch_size to zero. See the model"
                                            + " configuration docs for more info on max_batch_size."
                                    : ""));
        }
        if (!input.type().isFixedSize()) {
            ByteStrings.check(
                    input.name(),
                    model,
                    request.label(),
                    input.data(),
                    input.shape().elementCount());
            return;
        }
        long expected = Tensor.byteSize(input.type(), input.shape());
        if (expected != input.data().readableBytes()) {
            throw ServingException.invalid(request.label() + "input byte size mismatch for input '" + input.name()
                    + "' for model '" + model + "'. Expected " + expected + ", got "
                    + input.data().readableBytes());
        }
    }

    /** The number of inferences a checked request asks for. */
    public long batchSize(InferenceRequest request) {
        if (maxBatchSize == 0 || request.inputs().isEmpty()) {
            return 1;
        }
        var first = request.inputs().getFirst();
        var port = port(inputs, first.name());
        return port == null ? first.shape().dim(0) : port.batch(first);
    }

    private static @Nullable Port port(List<Port> ports, String name) {
        for (var port : ports) {
            if (port.name().equals(name)) {
                return port;
            }
        }
        return null;
    }

    private static String quoted(List<String> names) {
        return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(",", "[", "]"));
    }
}
