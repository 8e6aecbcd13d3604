package io.shusuan.agent.engine.sample;

import io.shusuan.agent.engine.session.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Samples in portions that go into one run each. The last may be smaller. */
public final class Batches {
    private final List<InputArray> inputs;
    private final int samples;
    private final int step;
    private final Optional<int[]> labels;

    Batches(List<InputArray> inputs, int samples, int step, Optional<int[]> labels) {
        this.inputs = List.copyOf(inputs);
        this.samples = samples;
        this.step = step;
        this.labels = labels;
    }

    public int samples() {
        return samples;
    }

    public int count() {
        return (samples + step - 1) / step;
    }

    /** The inputs of one portion. */
    public Map<String, Value> get(int index) {
        var values = new HashMap<String, Value>();
        for (var input : inputs) {
            values.put(input.name(), input.rows(first(index), first(index + 1)));
        }
        return values;
    }

    /** The number of a portion's first sample. */
    public int first(int index) {
        return Math.min(samples, index * step);
    }

    /** Whether each run has one sample, whose inputs are given whole. */
    public boolean areWhole() {
        return inputs.stream().anyMatch(InputArray::whole);
    }

    public Optional<int[]> labels() {
        return labels;
    }
}
