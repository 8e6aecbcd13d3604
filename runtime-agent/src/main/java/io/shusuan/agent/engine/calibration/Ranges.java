package io.shusuan.agent.engine.calibration;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.sample.Batches;
import io.shusuan.agent.engine.session.Intermediates;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import io.shusuan.agent.engine.session.TensorType;
import io.shusuan.agent.engine.session.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the FP32 tensors of a model held while it ran over samples. */
public record Ranges(Map<String, Range> byTensor) {
    public Ranges {
        byTensor = Map.copyOf(byTensor);
    }

    public Optional<Range> of(String tensor) {
        return Optional.ofNullable(byTensor.get(tensor));
    }

    /**
     * Runs the model over the samples: once for the extremes, and once more to count how often values occur where the method asks for
     * it. Portion after portion, so that memory holds the tensors of one.
     */
    public static Ranges observed(ModelProto model, Map<String, TensorType> types, Batches batches, Method method)
            throws EngineException {
        var exposed = Intermediates.exposed(
                model, name -> types.containsKey(name) && types.get(name).isFloat());
        try (var session = Session.open(exposed, SessionSettings.literal())) {
            var extremes = new HashMap<String, Range>();
            for (int i = 0; i < batches.count(); i++) {
                for (var entry : tensors(session, batches.get(i)).entrySet()) {
                    extremes(entry.getValue().floats())
                            .ifPresent(range -> extremes.merge(entry.getKey(), range, Range::and));
                }
            }
            return method == Method.MIN_MAX
                    ? new Ranges(extremes)
                    : new Ranges(narrowed(session, batches, extremes, method));
        }
    }

    private static Map<String, Range> narrowed(
            Session session, Batches batches, Map<String, Range> extremes, Method method) throws EngineException {
        var histograms = new HashMap<String, Histogram>();
        extremes.forEach((name, range) -> histograms.put(name, new Histogram(range)));
        for (int i = 0; i < batches.count(); i++) {
            tensors(session, batches.get(i)).forEach((name, value) -> {
                var histogram = histograms.get(name);
                if (histogram != null) {
                    histogram.add(value.floats());
                }
            });
        }
        var ranges = new HashMap<String, Range>();
        histograms.forEach((name, histogram) -> ranges.put(name, histogram.range(method)));
        return ranges;
    }

    /** The FP32 tensors of one run, inputs included. */
    private static Map<String, Value> tensors(Session session, Map<String, Value> inputs) throws EngineException {
        var all = new HashMap<>(session.run(inputs));
        all.putAll(inputs);
        all.values().removeIf(value -> !value.isFloating());
        return all;
    }

    private static Optional<Range> extremes(float[] values) {
        float min = Float.POSITIVE_INFINITY;
        float max = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            if (Float.isFinite(value)) {
                min = Math.min(min, value);
                max = Math.max(max, value);
            }
        }
        return min <= max ? Optional.of(new Range(min, max)) : Optional.empty();
    }
}
