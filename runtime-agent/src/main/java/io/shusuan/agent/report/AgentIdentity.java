package io.shusuan.agent.report;

import com.sun.management.OperatingSystemMXBean;
import io.shusuan.agent.report.Heartbeat.Device;
import io.shusuan.agent.report.Heartbeat.Job;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** What does not change while the process lives: the machine, and the job it is a task of. */
public final class AgentIdentity {
    private AgentIdentity() {}

    static Optional<Job> job(Map<String, String> environment) {
        var id = environment.get("SHUSUAN_JOB_ID");
        if (id == null || id.isBlank()) {
            return Optional.empty();
        }
        var task = Optional.ofNullable(environment.get("SHUSUAN_TASK_INDEX"))
                .filter(index -> index.matches("\\d{1,9}"))
                .map(Integer::valueOf);
        return Optional.of(new Job(id, environment.getOrDefault("SHUSUAN_TASK_ROLE", ""), task));
    }

    public static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    static Device processor() {
        long memory = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
        return new Device("CPU", processorName(), Runtime.getRuntime().availableProcessors(), memory);
    }

    private static String processorName() {
        var cpuinfo = Path.of("/proc/cpuinfo");
        if (Files.isReadable(cpuinfo)) {
            try (var lines = Files.lines(cpuinfo)) {
                return lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst()
                        .orElse(System.getProperty("os.arch", "unknown"));
            } catch (IOException unreadable) {
                return System.getProperty("os.arch", "unknown");
            }
        }
        return System.getProperty("os.arch", "unknown");
    }
}
