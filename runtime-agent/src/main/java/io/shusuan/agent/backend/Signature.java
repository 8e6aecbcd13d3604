package io.shusuan.agent.backend;

import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import java.util.List;

/**
 * A model's tensors as the engine reports them: whole shapes, with −1 where a dimension may vary.
 *
 * @param largestBatch the largest first dimension it takes where that may vary
 */
public record Signature(List<TensorSpec> inputs, List<TensorSpec> outputs, int largestBatch) {
    public Signature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    public Signature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
        this(inputs, outputs, Integer.MAX_VALUE);
    }

    /**
     * One tensor.
     *
     * @param shapeTensor whether its values are sizes that the engine makes shapes of
     */
    public record TensorSpec(String name, DataType type, Shape shape, boolean shapeTensor) {
        public TensorSpec(String name, DataType type, Shape shape) {
            this(name, type, shape, false);
        }
    }
}
