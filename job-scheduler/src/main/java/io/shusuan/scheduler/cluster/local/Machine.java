package io.shusuan.scheduler.cluster.local;

import com.sun.management.OperatingSystemMXBean;
import io.shusuan.db.job.Resources;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this machine has: its cores, its memory, and the GPUs that NVIDIA's driver lists. */
public final class Machine {

    private static final Path DRIVER_GPUS = Path.of("/proc/driver/nvidia/gpus");

    private Machine() {}

    public static Resources read() {
        var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Resources(
                1000L * Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize() >> 20, gpus());
    }

    private static int gpus() {
        try (Stream<Path> gpus = Files.list(DRIVER_GPUS)) {
            return (int) gpus.count();
        } catch (IOException noDriver) {
            return 0;
        }
    }
}
