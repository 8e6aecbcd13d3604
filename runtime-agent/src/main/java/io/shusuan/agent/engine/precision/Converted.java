package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.onnx.ModelProto;
import java.util.List;

/** A model after its conversion, and what became of each layer. */
public record Converted(ModelProto model, List<Layer> layers) {
    public Converted {
        layers = List.copyOf(layers);
    }

    public long count(Layer.Outcome outcome) {
        return layers.stream().filter(layer -> layer.outcome() == outcome).count();
    }
}
