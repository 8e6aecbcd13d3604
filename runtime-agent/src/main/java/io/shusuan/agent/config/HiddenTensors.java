package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.BatchInput;
import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInput;
import io.shusuan.agent.config.proto.ModelOutput;
import io.shusuan.agent.config.proto.ModelSequenceBatching.Control;
import java.util.ArrayList;
import java.util.List;

/**
 * The tensors that pass between the server and a model and that callers do not see: controls and states of sequences, and what is made
 * of the lengths of ragged inputs. The dims leave out the first dimension, as a model's with batches do.
 */
record HiddenTensors(List<ModelInput> inputs, List<ModelOutput> outputs) {
    static HiddenTensors of(ModelConfig config) {
        var inputs = new ArrayList<ModelInput>();
        var outputs = new ArrayList<ModelOutput>();
        var batching = config.getSequenceBatching();
        for (var input : batching.getControlInputList()) {
            for (var control : input.getControlList()) {
                inputs.add(ModelInput.newBuilder()
                        .setName(input.getName())
                        .setDataType(type(control))
                        .addDims(1)
                        .build());
            }
        }
        for (var state : batching.getStateList()) {
            inputs.add(ModelInput.newBuilder()
                    .setName(state.getInputName())
                    .setDataType(state.getDataType())
                    .addAllDims(state.getDimsList())
                    .build());
            outputs.add(ModelOutput.newBuilder()
                    .setName(state.getOutputName())
                    .setDataType(state.getDataType())
                    .addAllDims(state.getDimsList())
                    .build());
        }
        for (var made : config.getBatchInputList()) {
            for (var target : made.getTargetNameList()) {
                var input = ModelInput.newBuilder().setName(target).setDataType(made.getDataType());
                if (made.getKind() == BatchInput.Kind.BATCH_ITEM_SHAPE) {
                    input.addDims(-1);
                }
                inputs.add(input.build());
            }
        }
        return new HiddenTensors(inputs, outputs);
    }

    private static DataType type(Control control) {
        if (control.getKind() == Control.Kind.CONTROL_SEQUENCE_CORRID) {
            return control.getDataType();
        }
        if (control.getInt32FalseTrueCount() > 0) {
            return DataType.TYPE_INT32;
        }
        return control.getFp32FalseTrueCount() > 0 ? DataType.TYPE_FP32 : DataType.TYPE_BOOL;
    }

    boolean hasInput(String name) {
        return inputs.stream().anyMatch(input -> input.getName().equals(name));
    }

    boolean hasOutput(String name) {
        return outputs.stream().anyMatch(output -> output.getName().equals(name));
    }
}
