package io.shusuan.agent.config;

/** What must hold of the samples a model is warmed up with. */
final class WarmupRules {
    private WarmupRules() {}

    static void check(ConfigDocument document, Faults faults) {
        var config = document.config();
        for (int i = 0; i < config.getModelWarmupCount(); i++) {
            var path = "model_warmup[" + i + "]";
            var sample = config.getModelWarmup(i);
            faults.when(sample.getInputsCount() == 0, path + ".inputs", "is empty: name data for the model's inputs");
            faults.when(
                    config.getMaxBatchSize() > 0 && sample.getBatchSize() > config.getMaxBatchSize(),
                    path + ".batch_size",
                    "is " + sample.getBatchSize() + "; at most max_batch_size (" + config.getMaxBatchSize()
                            + ") is allowed");
            sample.getInputsMap().forEach((name, input) -> {
                faults.when(
                        input.getInputDataTypeCase().getNumber() == 0,
                        path + ".inputs",
                        "says nothing of the data of '" + name + "': zero_data, random_data or input_data_file");
                faults.when(
                        input.getDimsList().stream().anyMatch(dim -> dim < 0),
                        path + ".inputs",
                        "gives '" + name + "' the dims " + input.getDimsList() + "; a sample has no open dimension");
            });
        }
    }
}
