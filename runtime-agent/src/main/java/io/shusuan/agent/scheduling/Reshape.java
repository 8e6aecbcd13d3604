package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shapes that the engine has otherwise than the callers. A reshape changes no bytes: dimensions that vary keep their order, the fixed ones
 * are as configured.
 */
record Reshape(Map<String, Rule> inputs, Map<String, Rule> outputs) {
    record Rule(List<Long> from, List<Long> into, boolean batched) {
        Rule inverse() {
            return new Rule(into, from, batched);
        }

        Shape apply(Shape actual) {
            int first = batched ? 1 : 0;
            int open = first;
            long[] dims = new long[first + into.size()];
            if (batched) {
                dims[0] = actual.dim(0);
            }
            for (int i = 0; i < into.size(); i++) {
                dims[first + i] = into.get(i);
                if (into.get(i) < 0) {
                    while (from.get(open - first) >= 0) {
                        open++;
                    }
                    dims[first + i] = actual.dim(open++);
                }
            }
            return Shape.of(dims);
        }
    }

    static Reshape of(ModelConfig config) {
        boolean batched = config.getMaxBatchSize() > 0;
        var inputs = new HashMap<String, Rule>();
        config.getInputList().stream()
                .filter(input -> input.hasReshape())
                .forEach(input -> inputs.put(
                        input.getName(),
                        new Rule(input.getDimsList(), input.getReshape().getShapeList(), batched)));
        var outputs = new HashMap<String, Rule>();
        config.getOutputList().stream()
                .filter(output -> output.hasReshape())
                .forEach(output -> outputs.put(
                        output.getName(),
                        new Rule(output.getDimsList(), output.getReshape().getShapeList(), batched).inverse()));
        return new Reshape(Map.copyOf(inputs), Map.copyOf(outputs));
    }

    boolean isNone() {
        return inputs.isEmpty() && outputs.isEmpty();
    }

    Shape input(String name, Shape asked) {
        var rule = inputs.get(name);
        return rule == null ? asked : rule.apply(asked);
    }

    Shape output(String name, Shape computed) {
        var rule = outputs.get(name);
        return rule == null ? computed : rule.apply(computed);
    }
}
