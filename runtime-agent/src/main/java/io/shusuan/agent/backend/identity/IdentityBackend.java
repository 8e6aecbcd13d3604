package io.shusuan.agent.backend.identity;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.BuiltInBackend;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import java.util.List;

/** Answers each output with the input at its place, without touching the bytes. */
public final class IdentityBackend extends BuiltInBackend {
    public IdentityBackend() {
        super("identity");
    }

    @Override
    public BackendModel open(ModelSource source) throws LoadException {
        var config = source.config();
        if (config.getInputCount() == 0 || config.getInputCount() != config.getOutputCount()) {
            throw new LoadException("the identity backend needs as many outputs as inputs, the configuration of '"
                    + source.model() + "' names " + config.getInputCount() + " inputs and " + config.getOutputCount()
                    + " outputs");
        }
        for (int i = 0; i < config.getInputCount(); i++) {
            if (config.getInput(i).getDataType() != config.getOutput(i).getDataType()) {
                throw new LoadException("the identity backend cannot turn input '"
                        + config.getInput(i).getName() + "' ("
                        + config.getInput(i).getDataType() + ") into output '"
                        + config.getOutput(i).getName() + "' ("
                        + config.getOutput(i).getDataType() + ")");
            }
        }
        List<String> inputs =
                config.getInputList().stream().map(input -> input.getName()).toList();
        List<String> outputs =
                config.getOutputList().stream().map(output -> output.getName()).toList();
        return new IdentityModel(inputs, outputs);
    }

    private record IdentityModel(List<String> inputs, List<String> outputs) implements BackendModel {

        @Override
        public String description() {
            return "no computation";
        }

        @Override
        public BackendInstance instance(int ordinal) {
            return new IdentityInstance(inputs, outputs);
        }

        @Override
        public void close() {}
    }
}
