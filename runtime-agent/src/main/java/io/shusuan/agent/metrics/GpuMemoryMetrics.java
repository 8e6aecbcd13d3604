package io.shusuan.agent.metrics;

import io.shusuan.agent.repository.ServedModel;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What models take of GPUs, beside what they may take together. */
final class GpuMemoryMetrics {
    private static final String TAKEN = "shusuan_model_gpu_memory_bytes";
    private static final String LOST = "shusuan_gpu_lost";
    private static final String BUDGET = "shusuan_gpu_memory_budget_bytes";

    private GpuMemoryMetrics() {}

    static void write(StringBuilder text, List<ServedModel> models, Map<Integer, String> lost) {
        MetricsText.family(text, TAKEN, "gauge", "Memory of a GPU that is set aside for a model, in bytes");
        var budgets = new TreeMap<Integer, Long>();
        for (var model : models) {
            for (var memory : model.gpuMemory()) {
                budgets.put(memory.gpu(), memory.budget());
                MetricsText.sample(
                        text,
                        TAKEN,
                        MetricsText.labels(model) + ",gpu=\"" + memory.gpu() + "\"",
                        Long.toString(memory.bytes()));
            }
        }
        MetricsText.family(
                text, LOST, "gauge", "1 where this process can use a GPU no more, until it is started again");
        budgets.keySet()
                .forEach(gpu ->
                        MetricsText.sample(text, LOST, "gpu=\"" + gpu + "\"", lost.containsKey(gpu) ? "1" : "0"));
        MetricsText.family(text, BUDGET, "gauge", "Memory of a GPU that all models may take together, in bytes");
        budgets.forEach((gpu, bytes) -> MetricsText.sample(text, BUDGET, "gpu=\"" + gpu + "\"", Long.toString(bytes)));
    }
}
