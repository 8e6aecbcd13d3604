package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of an output before the model runs. When every dimension is either fixed or the same named dimension as one of an
 * input's, its shape follows from the request, so the engine can write straight into the response's buffer; otherwise the engine
 * allocates it and it is copied once.
 */
record OutputPlan(String name, DataType type, List<Dimension> dimensions, boolean predictable) {

    /** A fixed size, or the place in the inputs where the size is found. */
    sealed interface Dimension {
        record Fixed(long size) implements Dimension {}

        record SameAs(String input, int axis) implements Dimension {}

        record Unknown() implements Dimension {}
    }

    static List<OutputPlan> of(List<ModelTensor> inputs, List<ModelTensor> outputs) {
        var plans = new ArrayList<OutputPlan>();
        for (var output : outputs) {
            var dimensions = new ArrayList<Dimension>();
            for (int axis = 0; axis < output.shape().rank(); axis++) {
                long size = output.shape().dim(axis);
                dimensions.add(
                        size >= 0
                                ? new Dimension.Fixed(size)
                                : find(inputs, output.dimensionNames().get(axis)));
            }
            boolean predictable =
                    output.type().isFixedSize() && dimensions.stream().noneMatch(Dimension.Unknown.class::isInstance);
            plans.add(new OutputPlan(output.name(), output.type(), List.copyOf(dimensions), predictable));
        }
        return List.copyOf(plans);
    }

    private static Dimension find(List<ModelTensor> inputs, String symbol) {
        if (!symbol.isEmpty()) {
            for (var input : inputs) {
                int axis = input.dimensionNames().indexOf(symbol);
                if (axis >= 0) {
                    return new Dimension.SameAs(input.name(), axis);
                }
            }
        }
        return new Dimension.Unknown();
    }

    /** The shape this output will have for the request; empty when it cannot be known. */
    Optional<Shape> shapeFor(InferenceRequest request) {
        if (!predictable) {
            return Optional.empty();
        }
        long[] dims = new long[dimensions.size()];
        for (int i = 0; i < dims.length; i++) {
            switch (dimensions.get(i)) {
                case Dimension.Fixed fixed -> dims[i] = fixed.size();
                case Dimension.SameAs same -> {
                    var size = sizeOf(request, same);
                    if (size < 0) {
                        return Optional.empty();
                    }
                    dims[i] = size;
                }
                case Dimension.Unknown _ -> {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(Shape.of(dims));
    }

    private static long sizeOf(InferenceRequest request, Dimension.SameAs same) {
        for (var input : request.inputs()) {
            if (input.name().equals(same.input()) && same.axis() < input.shape().rank()) {
                return input.shape().dim(same.axis());
            }
        }
        return -1;
    }
}
