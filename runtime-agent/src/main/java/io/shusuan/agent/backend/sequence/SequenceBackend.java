package io.shusuan.agent.backend.sequence;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelSequenceBatching.Control.Kind;
import java.util.List;

/**
 * One input and one output of type INT32; the output is the sum of what the sequence has brought so far. With a sequence batcher the
 * rows' control tensors say which sequence they belong to, without one the request's own parameters do.
 */
public final class SequenceBackend extends BuiltInBackend {
    public SequenceBackend() {
        super("sequence");
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var config = source.config();
        boolean usable = config.getInputCount() == 1
                && config.getInput(0).getDataType() == DataType.TYPE_INT32
                && config.getOutputCount() == 1
                && config.getOutput(0).getDataType() == DataType.TYPE_INT32
                && isOne(config.getInput(0).getDimsList())
                && isOne(config.getOutput(0).getDimsList());
        if (!usable) {
            throw new LoadException("the sequence backend needs in the configuration of '" + source.model()
                    + "': one input and one output of type TYPE_INT32 with dims: 1");
        }
        boolean toldApart = !config.hasSequenceBatching()
                || config.getMaxBatchSize() < 2
                || (ControlTensor.of(config, Kind.CONTROL_SEQUENCE_START).isPresent()
                        && (config.getSequenceBatching().hasDirect()
                                || ControlTensor.of(config, Kind.CONTROL_SEQUENCE_CORRID)
                                        .isPresent()));
        if (!toldApart) {
            throw new LoadException("the sequence backend cannot tell the rows of a batch apart in '" + source.model()
                    + "': add a control_input CONTROL_SEQUENCE_START and, without the direct strategy,"
                    + " CONTROL_SEQUENCE_CORRID");
        }
        return new SequenceModel(config, new Sums());
    }

    private static boolean isOne(List<Long> dims) {
        return dims.size() == 1 && dims.getFirst() == 1;
    }

    private record SequenceModel(ModelConfig config, Sums sums) implements BackendModel {

        @Override
        public String description() {
            return "sums of sequences";
        }

        @Override
        public BackendInstance instance(int ordinal) {
            return new SequenceInstance(
                    ordinal,
                    config.getInput(0).getName(),
                    config.getOutput(0).getName(),
                    ControlTensor.of(config, Kind.CONTROL_SEQUENCE_START),
                    ControlTensor.of(config, Kind.CONTROL_SEQUENCE_END),
                    ControlTensor.of(config, Kind.CONTROL_SEQUENCE_READY),
                    ControlTensor.of(config, Kind.CONTROL_SEQUENCE_CORRID),
                    sums);
        }

        @Override
        public void close() {}
    }
}
