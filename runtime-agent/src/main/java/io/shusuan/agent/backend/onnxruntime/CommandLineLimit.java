package io.shusuan.agent.backend.onnxruntime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * ONNX Runtime 1.29 ends the whole process with a segmentation fault when it is loaded into one whose command line, as
 * {@code /proc} shows it, is too long: seen from 3980 bytes on. The limit here keeps a distance from that. An engine that is not available can be reported; a dead process cannot.
 */
public final class CommandLineLimit {
    private static final int LARGEST = 3000;

    private CommandLineLimit() {}

    /** Why the engine must not be loaded here; empty when it may be. */
    public static Optional<String> problem() {
        try {
            int length = Files.readAllBytes(Path.of("/proc/self/cmdline")).length;
            return length <= LARGEST
                    ? Optional.empty()
                    : Optional.of("the process' command line has " + length + " bytes and ONNX Runtime crashes beyond "
                            + LARGEST
                            + ": shorten it (class path in CLASSPATH or a manifest, shorter paths, fewer flags)");
        } catch (IOException noProc) {
            return Optional.empty();
        }
    }
}
