package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.session.TensorType;
import io.shusuan.agent.inference.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One optimisation profile: the shapes of every input that an engine takes together. */
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

    /** The largest first dimension that every input takes. */
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
            var declared = Shape.of(input.shape());
            if (!declared.accepts(range.min()) || !declared.accepts(range.max())) {
                throw mismatch("gives input '" + input.name() + "' " + range + ", which it does not take", model);
            }
        }
        for (var name : inputs.keySet()) {
            if (model.stream().noneMatch(input -> input.name().equals(name))) {
                throw mismatch("names '" + name + "', which is no input", model);
            }
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
