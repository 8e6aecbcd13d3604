package io.shusuan.agent.metrics;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** The machine, as the protocol's CPU metrics show it. */
final class CpuMetrics {
    private CpuMetrics() {}

    static void write(StringBuilder text) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            double load = system.getCpuLoad();
            gauge(text, "nv_cpu_utilization", "CPU utilization rate [0.0 - 1.0]", Double.toString(load < 0 ? 0 : load));
            long total = system.getTotalMemorySize();
            gauge(text, "nv_cpu_memory_total_bytes", "CPU total memory (RAM), in bytes", Long.toString(total));
            gauge(
                    text,
                    "nv_cpu_memory_used_bytes",
                    "CPU used memory (RAM), in bytes",
                    Long.toString(total - system.getFreeMemorySize()));
        }
    }

    private static void gauge(StringBuilder text, String name, String help, String value) {
        MetricsText.family(text, name, "gauge", help);
        MetricsText.sample(text, name, "", value);
    }
}
