package io.shusuan.agent.trace;

import java.util.HashMap;
import java.util.Map;

/** The samplers that hold at a moment: one for all models, and one for each model with settings of its own. */
record Samplers(Sampler all, Map<String, Sampler> own, boolean on) {
    Samplers {
        own = Map.copyOf(own);
    }

    static Samplers of(Sampler all) {
        return new Samplers(all, Map.of(), all.settings().isOn());
    }

    /** The samplers for changed settings. One whose settings stay goes on counting. */
    Samplers with(TraceSettings forAll, Map<String, TraceSettings> forModels) {
        var kept = new HashMap<String, Sampler>();
        boolean any = forAll.isOn();
        for (var model : forModels.entrySet()) {
            var settings = model.getValue();
            var before = own.get(model.getKey());
            kept.put(
                    model.getKey(),
                    before != null && before.settings().equals(settings) ? before : new Sampler(settings));
            any |= settings.isOn();
        }
        return new Samplers(all.settings().equals(forAll) ? all : new Sampler(forAll), kept, any);
    }

    Sampler of(String model) {
        return own.getOrDefault(model, all);
    }
}
