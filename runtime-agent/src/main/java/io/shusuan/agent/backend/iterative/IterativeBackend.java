package io.shusuan.agent.backend.iterative;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.proto.DataType;
import java.util.List;

/**
 * The input is a number n; there are n answers, n − 1 down to 0, each of a step of its own. What is left lies in the state of the
 * sequence, so that an instance keeps nothing.
 */
public final class IterativeBackend extends BuiltInBackend {
    public IterativeBackend() {
        super("iterative_sequence");
    }

    @Override
    public boolean iterates() {
        return true;
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var config = source.config();
        var batching = config.getSequenceBatching();
        boolean usable = batching.getIterativeSequence()
                && config.getInputCount() == 1
                && isNumber(config.getInput(0).getDataType(), config.getInput(0).getDimsList())
                && config.getOutputCount() == 1
                && isNumber(
                        config.getOutput(0).getDataType(), config.getOutput(0).getDimsList())
                && batching.getStateCount() == 1
                && isNumber(
                        batching.getState(0).getDataType(), batching.getState(0).getDimsList());
        if (!usable) {
            throw new LoadException("the iterative_sequence backend needs in the configuration of '" + source.model()
                    + "': sequence_batching { iterative_sequence: true }, one input, one output and one state of type"
                    + " TYPE_INT32 with dims: 1");
        }
        return new IterativeModel(new IterativeInstance(
                config.getInput(0).getName(),
                config.getOutput(0).getName(),
                batching.getState(0).getInputName(),
                batching.getState(0).getOutputName()));
    }

    private static boolean isNumber(DataType type, List<Long> dims) {
        return type == DataType.TYPE_INT32 && dims.size() == 1 && dims.getFirst() == 1;
    }

    private record IterativeModel(IterativeInstance instance) implements BackendModel {

        @Override
        public String description() {
            return "counts down, one number a step";
        }

        @Override
        public BackendInstance instance(int ordinal) {
            return instance;
        }

        @Override
        public void close() {}
    }
}
