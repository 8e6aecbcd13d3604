package io.shusuan.agent.trace;

import java.time.Duration;
import java.util.Map;

/** What the start says of tracing: the settings that hold until they are changed, and where spans go. */
public record TraceOptions(TraceSettings settings, Export export) {
    public static final TraceOptions OFF = new TraceOptions(TraceSettings.OFF, Export.DEFAULT);

    public TraceOptions {
        settings.checked();
    }

    /**
     * The way to a collector of spans.
     *
     * @param resource what the spans say of this server
     * @param queueSize spans that may wait to be sent; more are dropped
     * @param delay how long they may wait
     * @param batchSize how many are sent together
     */
    public record Export(String url, Map<String, String> resource, int queueSize, Duration delay, int batchSize) {
        public static final Export DEFAULT =
                new Export("http://localhost:4318/v1/traces", Map.of(), 2048, Duration.ofSeconds(5), 512);

        public Export {
            resource = Map.copyOf(resource);
            if (batchSize > queueSize) {
                throw new IllegalArgumentException("bsp_max_export_batch_size " + batchSize
                        + " is larger than bsp_max_queue_size " + queueSize + ": batches would never be full");
            }
        }
    }
}
