package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The process' ONNX Runtime, kept from telling its maker about this machine.
 *
 * <p>The published builds for Linux and macOS (seen in 1.29) report each process and what it loads to a server of Microsoft's: they run
 * {@code blkid} and {@code hostname} in a shell, write an identity of the machine and a database under {@code ~/.cache/Microsoft} and
 * send what they gather. They also end the process with a segmentation fault where its command line is longer than the
 * report's buffer, some 4,000 bytes. All of it stays away when the variable below is in the C library's environment before the library
 * is loaded; Java has no call of its own that would put it there.
 */
public final class OnnxRuntimeLibrary {
    private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";

    /** Nobody may change the environment once the library's own threads read it. */
    private static boolean silenced;

    private OnnxRuntimeLibrary() {}

    /** Loads the library when it is first asked for. Throws {@link UnsatisfiedLinkError} or its like where it cannot be loaded. */
    public static synchronized OrtEnvironment environment() {
        if (!silenced) {
            setEnvironmentVariable(NO_TELEMETRY, "1");
            silenced = true;
        }
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "shusuan");
    }

    private static void setEnvironmentVariable(String name, String value) {
        try (var memory = Arena.ofConfined()) {
            int failed = (int) setenv().invokeExact(memory.allocateFrom(name), memory.allocateFrom(value), 1);
            if (failed != 0) {
                throw new UnsatisfiedLinkError("setenv refused " + name);
            }
        } catch (RuntimeException | Error told) {
            throw told;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    @SuppressWarnings("restricted") // loading the engine needs native access anyway
    private static MethodHandle setenv() {
        var linker = Linker.nativeLinker();
        var function = linker.defaultLookup()
                .find("setenv")
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no setenv"));
        return linker.downcallHandle(
                function,
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    }
}
