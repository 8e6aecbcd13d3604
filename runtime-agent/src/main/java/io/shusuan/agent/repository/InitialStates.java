package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelSequenceBatching.InitialState;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the states of a model's sequences are at first, where a file in {@code initial_state/} says so. */
final class InitialStates {
    private InitialStates() {}

    static Map<String, byte[]> read(Path model, ModelConfig config) throws LoadException {
        var read = new HashMap<String, byte[]>();
        for (var state : config.getSequenceBatching().getStateList()) {
            for (var initial : state.getInitialStateList()) {
                if (initial.hasDataFile()) {
                    var dims = initial.getDimsList().isEmpty() ? state.getDimsList() : initial.getDimsList();
                    read.put(state.getInputName(), file(model, initial, Shape.of(dims)));
                }
            }
        }
        return read;
    }

    private static byte[] file(Path model, InitialState initial, Shape shape) throws LoadException {
        var folder = model.resolve("initial_state").normalize();
        var file = folder.resolve(initial.getDataFile()).normalize();
        if (!file.startsWith(folder)) {
            throw new LoadException(
                    "data_file '" + initial.getDataFile() + "' of an initial_state leaves the folder initial_state");
        }
        try {
            byte[] bytes = Files.readAllBytes(file);
            var type = DataType.named(initial.getDataType().name()).orElseThrow();
            if (type.isFixedSize() && bytes.length != Tensor.byteSize(type, shape)) {
                throw new LoadException("data_file '" + initial.getDataFile() + "' has " + bytes.length + " bytes, a "
                        + type + " state of shape " + shape + " has " + Tensor.byteSize(type, shape));
            }
            return bytes;
        } catch (IOException unreadable) {
            throw new LoadException(
                    "data_file '" + initial.getDataFile() + "' of an initial_state cannot be read: " + unreadable,
                    unreadable);
        }
    }
}
