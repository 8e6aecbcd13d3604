package io.shusuan.agent.metrics;

/** The protocol's gauges of memory that is pinned for copies to GPUs: a server without GPUs pins none. */
final class PinnedMemory {
    private PinnedMemory() {}

    static void write(StringBuilder text) {
        gauge(text, "nv_pinned_memory_pool_total_bytes", "Pinned memory pool total memory size, in bytes");
        gauge(text, "nv_pinned_memory_pool_used_bytes", "Pinned memory pool used memory size, in bytes");
    }

    private static void gauge(StringBuilder text, String name, String help) {
        MetricsText.family(text, name, "gauge", help);
        MetricsText.sample(text, name, "", "0");
    }
}
