package io.shusuan.agent.backend.sequence;

import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelSequenceBatching.Control;
import io.shusuan.agent.config.proto.ModelSequenceBatching.Control.Kind;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A tensor in which the sequence batcher says something about each row, as the configuration describes it. */
record ControlTensor(String name, Control control) {
    static Optional<ControlTensor> of(ModelConfig config, Kind kind) {
        return config.getSequenceBatching().getControlInputList().stream()
                .flatMap(input -> input.getControlList().stream()
                        .filter(control -> control.getKind() == kind)
                        .map(control -> new ControlTensor(input.getName(), control)))
                .findFirst();
    }

    /** The tensor in a request; empty when no batcher has put it there. */
    Optional<Tensor> in(InferenceRequest request) {
        return request.inputs().stream()
                .filter(input -> input.name().equals(name))
                .findFirst();
    }

    boolean isTrue(Tensor tensor, int row) {
        int at = tensor.data().readerIndex() + row * tensor.type().size();
        if (control.getInt32FalseTrueCount() == 2) {
            return tensor.data().getIntLE(at) == control.getInt32FalseTrue(1);
        }
        if (control.getFp32FalseTrueCount() == 2) {
            return tensor.data().getFloatLE(at) == control.getFp32FalseTrue(1);
        }
        return tensor.data().getBoolean(at);
    }

    /** The correlation id of a row. */
    static Object id(Tensor tensor, int row) {
        if (!tensor.type().isFixedSize()) {
            return new String(ByteStrings.elements(tensor.data()).get(row), StandardCharsets.UTF_8);
        }
        int at = tensor.data().readerIndex() + row * tensor.type().size();
        return tensor.type().size() == Long.BYTES
                ? tensor.data().getLongLE(at)
                : (long) tensor.data().getIntLE(at);
    }
}
