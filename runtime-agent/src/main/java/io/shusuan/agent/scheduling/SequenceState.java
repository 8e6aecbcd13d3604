package io.shusuan.agent.scheduling;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import java.util.List;
import java.util.Map;

/** A tensor that a model hands from one request of a sequence to the next: an output that comes back as an input. */
record SequenceState(String input, String output, DataType type, Shape shape, byte[] initial) {
    /**
     * @param initialStates what is read from files, by the names of the inputs; zeros where there is nothing
     */
    static List<SequenceState> of(ModelConfig config, Map<String, byte[]> initialStates) {
        return config.getSequenceBatching().getStateList().stream()
                .map(state -> {
                    var type = DataType.named(state.getDataType().name()).orElseThrow();
                    var dims = state.getInitialStateCount() > 0
                                    && !state.getInitialState(0).getDimsList().isEmpty()
                            ? state.getInitialState(0).getDimsList()
                            : state.getDimsList();
                    var shape = Shape.of(dims);
                    int size = (int) shape.elementCount() * (type.isFixedSize() ? type.size() : Integer.BYTES);
                    var initial = initialStates.getOrDefault(state.getInputName(), new byte[size]);
                    return new SequenceState(state.getInputName(), state.getOutputName(), type, shape, initial);
                })
                .toList();
    }

    void begin(ByteBuf data) {
        data.writeBytes(initial);
    }
}
