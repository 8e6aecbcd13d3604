package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import io.shusuan.agent.backend.Signature;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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

    static List<OutputPlan> of(Collection<NodeInfo> inputs, Signature signature, Collection<NodeInfo> outputs) {
        var plans = new ArrayList<OutputPlan>();
        for (var spec : signature.outputs()) {
            var node = outputs.stream()
                    .filter(o -> o.getName().equals(spec.name()))
                    .findFirst()
                    .orElseThrow();
            var info = (TensorInfo) node.getInfo();
            var dimensions = new ArrayList<Dimension>();
            for (int axis = 0; axis < spec.shape().rank(); axis++) {
                long size = spec.shape().dim(axis);
                dimensions.add(size >= 0 ? new Dimension.Fixed(size) : find(inputs, info.getDimensionNames()[axis]));
            }
            boolean predictable = spec.type().isFixedSize()
                    && ElementTypes.creatable(spec.type()).isPresent()
                    && dimensions.stream().noneMatch(Dimension.Unknown.class::isInstance);
            plans.add(new OutputPlan(spec.name(), spec.type(), List.copyOf(dimensions), predictable));
        }
        return plans;
    }

    private static Dimension find(Collection<NodeInfo> inputs, @Nullable String symbol) {
        if (symbol == null || symbol.isEmpty()) {
            return new Dimension.Unknown();
        }
        for (var input : inputs) {
            if (input.getInfo() instanceof TensorInfo info) {
                int axis = List.of(info.getDimensionNames()).indexOf(symbol);
                if (axis >= 0) {
                    return new Dimension.SameAs(input.getName(), axis);
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
