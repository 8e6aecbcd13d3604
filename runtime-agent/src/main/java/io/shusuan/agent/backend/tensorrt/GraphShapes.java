package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelOptimizationPolicy.Cuda.GraphSpec;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which runs a configuration wants as CUDA graphs: none; all; or those of the shapes it lists.
 *
 * @param listed what it lists; empty for all
 */
record GraphShapes(boolean wanted, List<Listed> listed) {
    GraphShapes {
        listed = List.copyOf(listed);
    }

    /**
     * Whole shapes, of the inputs that are named; of the others the batch counts.
     *
     * @param batch 0 where the model has none
     */
    record Listed(int batch, Map<String, Shape> inputs) {
        Listed {
            inputs = Map.copyOf(inputs);
        }

        boolean has(List<Tensor> tensors) {
            return tensors.stream().allMatch(this::has);
        }

        private boolean has(Tensor tensor) {
            var shape = inputs.get(tensor.name());
            if (shape != null) {
                return shape.equals(tensor.shape());
            }
            return batch == 0 || (tensor.shape().rank() > 0 && tensor.shape().dim(0) == batch);
        }
    }

    static GraphShapes of(ModelConfig config) {
        var cuda = config.getOptimization().getCuda();
        return new GraphShapes(
                cuda.getGraphs(),
                cuda.getGraphSpecList().stream().map(GraphShapes::listed).toList());
    }

    private static Listed listed(GraphSpec spec) {
        int batch = spec.getBatchSize();
        var inputs = new HashMap<String, Shape>();
        spec.getInputMap().forEach((name, shape) -> {
            var one = Shape.of(shape.getDimList());
            inputs.put(name, batch > 0 ? one.batchedBy(batch) : one);
        });
        return new Listed(batch, inputs);
    }

    boolean include(List<Tensor> tensors) {
        return wanted && (listed.isEmpty() || listed.stream().anyMatch(each -> each.has(tensors)));
    }
}
