package io.shusuan.agent.engine.conversion;

import io.shusuan.agent.engine.gate.Accuracy;
import io.shusuan.agent.engine.gate.Latency;
import io.shusuan.agent.engine.precision.Layer;
import java.util.List;
import java.util.Optional;

/** What became of a conversion: the layers, the numbers, and whether they let it be served. */
public record Report(
        String model,
        String sha256,
        Precision precision,
        String settings,
        long bytesBefore,
        long bytesAfter,
        List<Layer> layers,
        Accuracy accuracy,
        Optional<Latency> latency,
        List<String> failures) {
    public Report {
        layers = List.copyOf(layers);
        failures = List.copyOf(failures);
    }

    public boolean isRejected() {
        return !failures.isEmpty();
    }

    public String state() {
        return isRejected() ? "REJECTED" : "ACCEPTED";
    }

    public long count(Layer.Outcome outcome) {
        return layers.stream().filter(layer -> layer.outcome() == outcome).count();
    }
}
