package io.shusuan.agent.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

/** The whole machine in {@code /proc}, also from within a container, where Java tells of the container. */
public final class Machine implements Supplier<Optional<MachineUse>> {
    private static final long KIBI = 1024;
    private static final int IDLE = 3;
    private static final int WAITING_FOR_DISK = 4;

    /** Those behind are parts of the first. */
    private static final int TIMES = 8;

    private final Path proc;
    private long busyBefore;
    private long allBefore;

    public Machine(Path proc) {
        this.proc = proc;
    }

    /** Empty where the system is not Linux. */
    @Override
    public synchronized Optional<MachineUse> get() {
        try {
            var times = Files.readAllLines(proc.resolve("stat"));
            long[] total = Arrays.stream(times.getFirst().split(" +"))
                    .skip(1)
                    .limit(TIMES)
                    .mapToLong(Long::parseLong)
                    .toArray();
            long all = Arrays.stream(total).sum();
            long busy = all - total[IDLE] - total[WAITING_FOR_DISK];
            double utilization = all == allBefore ? 0 : (double) (busy - busyBefore) / (all - allBefore);
            allBefore = all;
            busyBefore = busy;
            long memory = memory("MemTotal");
            return Optional.of(new MachineUse(
                    (int) times.stream()
                            .filter(line -> line.matches("cpu\\d+ .*"))
                            .count(),
                    Math.clamp(utilization, 0, 1),
                    memory,
                    memory - memory("MemAvailable")));
        } catch (IOException | RuntimeException notLinux) {
            return Optional.empty();
        }
    }

    private long memory(String name) throws IOException {
        try (var lines = Files.lines(proc.resolve("meminfo"))) {
            return lines.filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBI)
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + name));
        }
    }
}
