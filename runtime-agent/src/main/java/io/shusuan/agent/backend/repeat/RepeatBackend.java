package io.shusuan.agent.backend.repeat;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import java.util.Optional;

/**
 * For each element of {@code IN} one answer: {@code OUT} is the element and {@code IDX} its place, after {@code DELAY} milliseconds;
 * behind the last it waits {@code WAIT} milliseconds. {@code IDX}, {@code DELAY} and {@code WAIT} may be left out of the configuration.
 */
public final class RepeatBackend extends BuiltInBackend {
    public RepeatBackend() {
        super("repeat");
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var config = source.config();
        require(
                source,
                config.getModelTransactionPolicy().getDecoupled(),
                "model_transaction_policy { decoupled: true }");
        require(source, config.getMaxBatchSize() == 0, "max_batch_size: 0");
        require(source, input(config, "IN").equals(Optional.of(DataType.TYPE_INT32)), "an input IN of type TYPE_INT32");
        require(source, fits(input(config, "DELAY"), DataType.TYPE_UINT32), "an input DELAY of type TYPE_UINT32");
        require(source, fits(input(config, "WAIT"), DataType.TYPE_UINT32), "an input WAIT of type TYPE_UINT32");
        require(
                source,
                output(config, "OUT").equals(Optional.of(DataType.TYPE_INT32)),
                "an output OUT of type TYPE_INT32");
        require(source, fits(output(config, "IDX"), DataType.TYPE_UINT32), "an output IDX of type TYPE_UINT32");
        return new RepeatModel(output(config, "IDX").isPresent());
    }

    private static Optional<DataType> input(ModelConfig config, String name) {
        return config.getInputList().stream()
                .filter(input -> input.getName().equals(name))
                .map(input -> input.getDataType())
                .findFirst();
    }

    private static Optional<DataType> output(ModelConfig config, String name) {
        return config.getOutputList().stream()
                .filter(output -> output.getName().equals(name))
                .map(output -> output.getDataType())
                .findFirst();
    }

    private static boolean fits(Optional<DataType> given, DataType wanted) {
        return given.isEmpty() || given.get() == wanted;
    }

    private static void require(ModelSource source, boolean there, String what) throws LoadException {
        if (!there) {
            throw new LoadException(
                    "the repeat backend needs " + what + " in the configuration of '" + source.model() + "'");
        }
    }

    private record RepeatModel(boolean indexed) implements BackendModel {

        @Override
        public String description() {
            return "one answer per element";
        }

        @Override
        public BackendInstance instance(int ordinal) {
            return new RepeatInstance(indexed);
        }

        @Override
        public void close() {}
    }
}
