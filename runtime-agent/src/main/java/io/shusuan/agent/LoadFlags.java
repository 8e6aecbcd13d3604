package io.shusuan.agent;

import io.shusuan.agent.config.BackendNames;
import io.shusuan.agent.repository.LoadSettings;
import java.util.List;
import java.util.OptionalInt;

/** Reads how models are loaded, and the settings of engines. */
record LoadFlags(CommandLine line) {
    private static final String BATCH = "default-max-batch-size=";
    /** Read with the flags about GPUs. */
    static final String PLUGINS = "tensorrt,plugins=";

    LoadSettings read(List<Double> quantiles) throws UsageException {
        int size = defaultMaxBatchSize();
        boolean whole = line.has("--disable-auto-complete-config") || line.bool("--strict-model-config", false);
        return new LoadSettings(
                whole ? OptionalInt.empty() : OptionalInt.of(size),
                line.number("--model-load-retry-count", 0, 0, 1000),
                quantiles);
    }

    private int defaultMaxBatchSize() throws UsageException {
        int size = 4;
        for (var setting : line.all("--backend-config")) {
            int comma = setting.indexOf(',');
            var engine = setting.substring(0, Math.max(0, comma));
            var bare = setting.substring(comma + 1);
            if (bare.startsWith(BATCH) && (engine.isEmpty() || engine.equals("onnxruntime"))) {
                size = CommandLine.number("--backend-config", bare.substring(BATCH.length()), 0, 1 << 20);
            } else if (!engine.isEmpty() && !BackendNames.ALL.contains(engine) && bare.indexOf('=') > 0) {
                line.say("--backend-config " + setting + " changes nothing: there is no backend " + engine
                        + " here, --list-backends shows those there are");
            } else if (!setting.startsWith(PLUGINS)) {
                throw new UsageException("--backend-config " + setting
                        + " is not supported; default-max-batch-size=N and tensorrt,plugins=FILE;FILE are");
            }
        }
        return size;
    }
}
