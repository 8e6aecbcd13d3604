package io.shusuan.agent.metrics;

import io.shusuan.agent.repository.ServedModel;
import java.util.List;
import java.util.TreeMap;

/** What models take of GPUs, beside what they may take together. */
final class GpuMemoryMetrics {
    private static final String TAKEN = "shusuan_model_gpu_memory_bytes";
    private static final String BUDGET = "shusuan_gpu_memory_budget_bytes";

    private GpuMemoryMetrics() {}

    static void write(StringBuilder text, List<ServedModel> models) {
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
        MetricsText.family(text, BUDGET, "gauge", "Memory of a GPU that all models may take together, in bytes");
        budgets.forEach((gpu, bytes) -> MetricsText.sample(text, BUDGET, "gpu=\"" + gpu + "\"", Long.toString(bytes)));
    }
}
