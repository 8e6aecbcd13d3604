package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.ShapeRange;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.ShapeTensor;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A tensor of an engine as the engine describes it.
 *
 * @param type by the protocol's name; empty for one the protocol does not have
 * @param engineType by TensorRT's name
 * @param linear whether the elements lie as the protocol sends them
 * @param host whether it is a shape tensor: it lies in the host's memory, and shapes are made of its values
 * @param profiles what each optimisation profile takes: shapes, or of a shape tensor its values; empty for outputs
 */
record Binding(
        String name,
        boolean input,
        Optional<DataType> type,
        String engineType,
        boolean linear,
        boolean host,
        Shape shape,
        List<ShapeRange> profiles) {
    Binding {
        profiles = List.copyOf(profiles);
    }

    /** What of a tensor a profile looks at. */
    Shape profiled(Tensor tensor) {
        return host ? ShapeTensor.values(tensor) : tensor.shape();
    }
}
