package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.session.TensorType;
import io.shusuan.agent.inference.Shape;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** One optimisation profile: the shapes of every input that an engine takes together, and the values of its shape tensors. */
public record ShapeProfile(SortedMap<String, ShapeRange> inputs) {
    public ShapeProfile(Map<String, ShapeRange> inputs) {
        this(new TreeMap<>(inputs));
    }

    /** Reads {@code INPUT=MIN:OPT:MAX,INPUT=…}. */
    public static ShapeProfile parse(String text) {
        var inputs = new TreeMap<String, ShapeRange>();
        for (var part : text.split(",", -1)) {
            int equals = part.lastIndexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + part + "' names no input: write INPUT=MIN:OPT:MAX");
            }
            inputs.put(
                    part.substring(0, equals).strip(),
                    ShapeRange.parse(part.substring(equals + 1).strip()));
        }
        return new ShapeProfile(inputs);
    }

    public ShapeRange range(String input) {
        return Objects.requireNonNull(inputs.get(input), input);
    }

    /** The largest first dimension, or first value of a shape tensor, that every input takes. */
    int largestBatch() {
        return inputs.values().stream()
                .mapToInt(range -> range.max().rank() == 0
                        ? 1
                        : (int) Math.min(Integer.MAX_VALUE, range.max().dim(0)))
                .min()
                .orElse(1);
    }

    /** Refuses a profile that is not for these inputs. */
    void check(List<TensorType> model) throws EngineException {
        for (var input : model) {
            var range = inputs.get(input.name());
            if (range == null) {
                throw mismatch("leaves out input '" + input.name() + "'", model);
            }
            if (!takesShapes(input, range) && !mayBeValues(input, range)) {
                throw mismatch("gives input '" + input.name() + "' " + range + ", which it does not take", model);
            }
        }
        for (var name : inputs.keySet()) {
            if (model.stream().noneMatch(input -> input.name().equals(name))) {
                throw mismatch("names '" + name + "', which is no input", model);
            }
        }
    }

    private static boolean takesShapes(TensorType input, ShapeRange range) {
        var declared = Shape.of(input.shape());
        return declared.accepts(range.min()) && declared.accepts(range.max());
    }

    /** Which inputs are shape tensors only TensorRT's network tells; these may be. */
    private static boolean mayBeValues(TensorType input, ShapeRange range) {
        return (input.type() == DataType.INT32 || input.type() == DataType.INT64)
                && input.shape().length <= 1
                && LongStream.of(input.shape()).reduce(1, (a, b) -> a * b)
                        == range.min().rank();
    }

    /** Whether an input's range cannot be one of shapes, so that it is one of values. */
    boolean hasValues(TensorType input) {
        return !takesShapes(input, range(input.name()));
    }

    /** Refuses a range that does not say the values of a shape tensor. */
    public static void checkValues(String input, int values, ShapeRange range) {
        if (range.min().rank() != values) {
            throw new IllegalArgumentException("input '" + input + "' is a shape tensor with " + values
                    + " values, and the profile gives it " + range + ": give its smallest, usual and largest values ("
                    + input + "=MIN:OPT:MAX, each as in " + String.join("x", Collections.nCopies(values, "8")) + ")");
        }
    }

    private EngineException mismatch(String what, List<TensorType> model) {
        return new EngineException(
                Fault.PROFILE_MISMATCH, "the profile " + this + " " + what + "; the model has the inputs " + model);
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        return inputs.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + text(entry.getValue().min()) + ":"
                        + text(entry.getValue().opt()) + ":"
                        + text(entry.getValue().max()))
                .collect(Collectors.joining(","));
    }

    private static String text(Shape shape) {
        return Arrays.stream(shape.toArray()).mapToObj(Long::toString).collect(Collectors.joining("x"));
    }
}
