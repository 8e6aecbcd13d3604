package io.shusuan.agent.backend.square;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.proto.DataType;

/** {@code IN} is a number n; there are n answers, and {@code OUT} of each is n. */
public final class SquareBackend extends BuiltInBackend {
    public SquareBackend() {
        super("square");
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var config = source.config();
        boolean usable = config.getModelTransactionPolicy().getDecoupled()
                && config.getMaxBatchSize() == 0
                && config.getInputCount() == 1
                && config.getInput(0).getName().equals("IN")
                && config.getInput(0).getDataType() == DataType.TYPE_INT32
                && config.getOutputCount() == 1
                && config.getOutput(0).getName().equals("OUT")
                && config.getOutput(0).getDataType() == DataType.TYPE_INT32;
        if (!usable) {
            throw new LoadException("the square backend needs in the configuration of '" + source.model()
                    + "': model_transaction_policy { decoupled: true }, max_batch_size: 0, one input IN and one output OUT"
                    + " of type TYPE_INT32");
        }
        return new SquareModel();
    }

    private record SquareModel() implements BackendModel {

        @Override
        public String description() {
            return "as many answers as asked for";
        }

        @Override
        public BackendInstance instance(int ordinal) {
            return new SquareInstance();
        }

        @Override
        public void close() {}
    }
}
