package io.shusuan.agent.engine.build;

import io.shusuan.agent.config.ShapeTensorRules;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.session.TensorType;
import io.shusuan.agent.inference.Shape;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What callers will send, as far as a configuration says it: the batches, and dimensions that the model itself leaves open.
 *
 * @param usualBatch the batch that is to be fastest
 * @param dims whole shapes of inputs, with −1 for what is open
 * @param shapeTensors inputs whose values are sizes, of which nothing says how large they get
 */
public record ExpectedShapes(int usualBatch, int largestBatch, Map<String, Shape> dims, Set<String> shapeTensors) {
    /** Where nothing says how large batches get. */
    public static final int UNSAID = 8;

    public ExpectedShapes {
        dims = Map.copyOf(dims);
        shapeTensors = Set.copyOf(shapeTensors);
    }

    public static ExpectedShapes batches(int largest) {
        return new ExpectedShapes(largest, largest, Map.of(), Set.of());
    }

    /** What the configuration of a model says; the largest preferred batch is the usual one. */
    public static ExpectedShapes of(ModelConfig config) {
        int largest = config.getMaxBatchSize() > 0 ? config.getMaxBatchSize() : UNSAID;
        var preferred = config.getDynamicBatching().getPreferredBatchSizeList();
        int usual = preferred.isEmpty() ? largest : Math.clamp(Collections.max(preferred), 1, largest);
        var dims = new HashMap<String, Shape>();
        for (var input : config.getInputList()) {
            var given = input.hasReshape() ? input.getReshape().getShapeList() : input.getDimsList();
            var shape = Shape.of(given);
            dims.put(input.getName(), config.getMaxBatchSize() > 0 ? shape.batchedBy(-1) : shape);
        }
        return new ExpectedShapes(usual, largest, dims, ShapeTensorRules.names(config));
    }

    /** The profile that takes all of it; the first dimension, where it is open, is the batch. */
    public ShapeProfile profile(List<TensorType> inputs) throws EngineException {
        var ranges = new TreeMap<String, ShapeRange>();
        for (var input : inputs) {
            ranges.put(input.name(), range(input));
        }
        return new ShapeProfile(ranges);
    }

    private ShapeRange range(TensorType input) throws EngineException {
        if (shapeTensors.contains(input.name())) {
            throw new EngineException(
                    Fault.PROFILE_MISMATCH,
                    "input " + input
                            + " is a shape tensor and nothing says which values it takes: give a whole profile ("
                            + input.name() + "=MIN:OPT:MAX, each a list of values as in 1x16)");
        }
        long[] min = input.shape().clone();
        long[] opt = input.shape().clone();
        long[] max = input.shape().clone();
        for (int axis = 0; axis < min.length; axis++) {
            if (min[axis] >= 0) {
                continue;
            }
            long said = said(input, axis);
            if (said < 0 && axis > 0) {
                throw new EngineException(
                        Fault.PROFILE_MISMATCH,
                        "dimension " + axis + " of input " + input + " is open and nothing says how large it gets:"
                                + " give it in the configuration's dims, or a whole profile ("
                                + input.name() + "=MIN:OPT:MAX)");
            }
            min[axis] = said < 0 ? 1 : said;
            opt[axis] = said < 0 ? usualBatch : said;
            max[axis] = said < 0 ? largestBatch : said;
        }
        return new ShapeRange(Shape.of(min), Shape.of(opt), Shape.of(max));
    }

    private long said(TensorType input, int axis) {
        var shape = dims.get(input.name());
        return shape == null || shape.rank() != input.shape().length ? -1 : shape.dim(axis);
    }
}
