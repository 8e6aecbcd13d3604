package io.shusuan.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** How long this process has lived. */
final class ProcessAge {
    /** Ticks of {@code /proc}, a hundredth of a second on every Linux there is. */
    private static final long MILLIS_PER_TICK = 10;

    private static final int START_FIELD = 19;

    private ProcessAge() {}

    /** From {@code /proc}, because what Java knows of the start there is only right to the second. */
    static long millis() {
        try {
            var stat = Files.readString(Path.of("/proc/self/stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            var uptime = Files.readString(Path.of("/proc/uptime"));
            double now = Double.parseDouble(uptime.substring(0, uptime.indexOf(' '))) * 1000;
            return Math.max(0, Math.round(now) - Long.parseLong(fields[START_FIELD]) * MILLIS_PER_TICK);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException noProc) {
            return ProcessHandle.current()
                    .info()
                    .startInstant()
                    .map(start -> Duration.between(start, Instant.now()).toMillis())
                    .orElse(0L);
        }
    }
}
