package io.shusuan.agent.protocol.http;

import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.GivenParameters;
import io.shusuan.agent.protocol.sharedmemory.SharedPlace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An infer request's body, read. Its tensors belong to whoever holds it. */
record ParsedInfer(
        String id,
        List<Tensor> inputs,
        List<RequestedOutput> outputs,
        boolean binaryByDefault,
        GivenParameters parameters) {
    ParsedInfer {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    List<String> outputNames() {
        var names = new ArrayList<String>(outputs.size());
        for (var output : outputs) {
            names.add(output.name());
        }
        return names;
    }

    /** Where in shared memory outputs are wanted, by their names. */
    Map<String, SharedPlace> places() {
        if (outputs.isEmpty()) {
            return Map.of();
        }
        var places = new HashMap<String, SharedPlace>();
        for (var output : outputs) {
            output.place().ifPresent(place -> places.put(output.name(), place));
        }
        return places;
    }
}
