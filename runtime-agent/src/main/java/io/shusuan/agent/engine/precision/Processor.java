package io.shusuan.agent.engine.precision;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What this machine's processor can do with integers of 8 bits. */
public final class Processor {
    private static final Set<String> DOT_PRODUCTS = Set.of("avx512_vnni", "avx_vnni", "amx_int8", "asimddp");

    private Processor() {}

    /**
     * Whether it adds up products of 8-bit integers in 32 bits at once (VNNI, and its like on ARM). Without, sums of two products are
     * kept in 16 bits, where full-range weights overflow.
     */
    public static boolean hasDotProducts() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                    .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .findFirst()
                    .map(line -> List.of(line.split("\\s+")))
                    .filter(flags -> flags.stream().anyMatch(DOT_PRODUCTS::contains))
                    .isPresent();
        } catch (IOException noProc) {
            return false;
        }
    }
}
