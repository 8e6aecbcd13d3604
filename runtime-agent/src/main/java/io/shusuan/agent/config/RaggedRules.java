package io.shusuan.agent.config;

import io.shusuan.agent.config.proto.DataType;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInput;
import io.shusuan.agent.config.proto.ModelOutput;
import java.util.HashSet;
import java.util.List;

/** What must hold of inputs of different lengths, and of the inputs and outputs the server makes or divides by them. */
final class RaggedRules {
    private RaggedRules() {}

    static void check(ConfigDocument document, Faults faults) {
        var config = document.config();
        for (int i = 0; i < config.getInputCount(); i++) {
            var path = "input[" + i + "].allow_ragged_batch";
            boolean ragged = config.getInput(i).getAllowRaggedBatch();
            combined(config, ragged, path, faults);
            faults.when(
                    ragged && config.getInput(i).hasReshape(),
                    path,
                    "contradicts reshape: the model gets the elements of all requests in one dimension");
        }
        for (int i = 0; i < config.getBatchInputCount(); i++) {
            var path = "batch_input[" + i + "]";
            var input = config.getBatchInput(i);
            combined(config, true, path, faults);
            faults.when(input.getTargetNameCount() == 0, path + ".target_name", "is missing");
            faults.when(
                    input.getDataType() != DataType.TYPE_INT32 && input.getDataType() != DataType.TYPE_FP32,
                    path + ".data_type",
                    "is " + input.getDataType() + "; TYPE_INT32 and TYPE_FP32 are allowed");
            source(config, input.getSourceInputList(), path, faults);
        }
        var targets = new HashSet<String>();
        for (int i = 0; i < config.getBatchOutputCount(); i++) {
            var path = "batch_output[" + i + "]";
            var output = config.getBatchOutput(i);
            combined(config, true, path, faults);
            faults.when(
                    config.getModelTransactionPolicy().getDecoupled(),
                    path,
                    "is given for a decoupled model, whose requests run one by one: leave it out");
            faults.when(output.getTargetNameCount() == 0, path + ".target_name", "is missing");
            source(config, output.getSourceInputList(), path, faults);
            for (var target : output.getTargetNameList()) {
                faults.when(!targets.add(target), path + ".target_name", "'" + target + "' is there twice");
                target(config, target, output.getSourceInputList(), path + ".target_name", faults);
            }
        }
    }

    private static void combined(ModelConfig config, boolean asked, String path, Faults faults) {
        faults.when(
                asked && config.getMaxBatchSize() == 0,
                path,
                "needs a max_batch_size of 1 or more: without batches nothing is ragged");
        faults.when(
                asked && (config.hasSequenceBatching() || config.hasEnsembleScheduling()),
                path,
                "does not go with " + (config.hasSequenceBatching() ? "sequence_batching" : "ensemble_scheduling"));
    }

    private static void source(ModelConfig config, List<String> sources, String path, Faults faults) {
        faults.when(sources.size() != 1, path + ".source_input", "names " + sources.size() + " inputs; one is needed");
        sources.forEach(source -> faults.when(
                config.getInputCount() > 0
                        && config.getInputList().stream()
                                .noneMatch(input -> input.getName().equals(source) && !input.getOptional()),
                path + ".source_input",
                "'" + source + "' is not one of the inputs that every request has"));
    }

    /** An open dimension of the output takes the size of the same one of the input. */
    private static void target(ModelConfig config, String target, List<String> sources, String path, Faults faults) {
        var output = config.getOutputList().stream()
                .filter(each -> each.getName().equals(target))
                .findFirst();
        faults.when(output.isEmpty(), path, "'" + target + "' is not one of the outputs");
        var rank = config.getInputList().stream()
                .filter(each -> sources.contains(each.getName()))
                .mapToInt(ModelInput::getDimsCount)
                .max()
                .orElse(0);
        output.map(ModelOutput::getDimsList)
                .ifPresent(dims -> faults.when(
                        dims.lastIndexOf(-1L) >= rank,
                        path,
                        "'" + target + "' has an open dimension that its source_input does not have"));
        faults.when(
                output.isPresent() && output.get().getDataType() == DataType.TYPE_STRING,
                path,
                "'" + target + "' is of type TYPE_STRING, which cannot be divided by a number of elements");
    }
}
