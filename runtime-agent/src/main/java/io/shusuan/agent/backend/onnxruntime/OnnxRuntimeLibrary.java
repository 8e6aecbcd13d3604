package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The process' ONNX Runtime, kept from telling its maker about this machine. Models are served through its C API; what converts and
 * judges them calls the Java API of the jar that the library comes from. Both are one library.
 *
 * <p>The published builds for Linux and macOS (seen in 1.29) report each process and what it loads to a server of Microsoft's: they run
 * {@code blkid} and {@code hostname} in a shell, write an identity of the machine and a database under {@code ~/.cache/Microsoft} and
 * send what they gather. They also end the process with a segmentation fault where its command line is longer than the
 * report's buffer, some 4,000 bytes. All of it stays away when the variable below is in the C library's environment before the library
 * is loaded; Java has no call of its own that would put it there.
 */
@SuppressWarnings("restricted") // calling the engine needs native access anyway
public final class OnnxRuntimeLibrary {
    private static final String NO_TELEMETRY = "ORT_DISABLE_TELEMETRY";
    /** Where the Java API looks for the library, too, before it unpacks the one of its jar. */
    private static final String FOLDER = "onnxruntime.native.path";

    private static final long POINTER = ValueLayout.ADDRESS.byteSize();

    /** Nobody may change the environment once the library's own threads read it. */
    private static boolean silenced;

    private OnnxRuntimeLibrary() {}

    /** The Java API. Throws {@link UnsatisfiedLinkError} or its like where the library cannot be loaded. */
    public static synchronized OrtEnvironment environment() {
        silence();
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "shusuan");
    }

    /** The C API: what {@code OrtGetApiBase} gives. Throws as {@link #environment}. */
    static synchronized Base base() {
        silence();
        var folder = System.getProperty(FOLDER);
        if (folder == null) {
            OrtEnvironment.getAvailableProviders(); // has the Java API unpack and load the jar's
        } else {
            load(Path.of(folder).toAbsolutePath());
        }
        var getBase = SymbolLookup.loaderLookup()
                .find("OrtGetApiBase")
                .orElseThrow(() -> new UnsatisfiedLinkError("the library has no OrtGetApiBase: it is no ONNX Runtime"));
        var functions = OrtApi.memory(OrtApi.invoke(getBase, 0, 0, 0), 2 * POINTER);
        long version = OrtApi.invoke(functions.getAtIndex(ValueLayout.ADDRESS, 1), 0, 0, 0);
        long table = OrtApi.invoke(functions.getAtIndex(ValueLayout.ADDRESS, 0), OrtFunction.VERSION, 0, 0);
        return Base.of(OrtApi.text(version), table);
    }

    /**
     * The library's version and its functions, in the order of {@link OrtFunction}'s places.
     */
    record Base(String version, MemorySegment table) {
        private static Base of(String version, long table) {
            if (table == 0) {
                throw new UnsatisfiedLinkError(
                        "ONNX Runtime " + version + " is too old: 1." + OrtFunction.VERSION + " or newer is needed");
            }
            return new Base(version, OrtApi.memory(table, OrtFunction.PLACES * POINTER));
        }
    }

    private static void load(Path folder) {
        var library = folder.resolve(System.mapLibraryName("onnxruntime"));
        if (!Files.isRegularFile(library)) {
            throw new UnsatisfiedLinkError(FOLDER + " names a folder without " + library.getFileName() + ": " + folder);
        }
        System.load(library.toString());
    }

    private static void silence() {
        if (!silenced) {
            setEnvironmentVariable(NO_TELEMETRY, "1");
            silenced = true;
        }
    }

    private static void setEnvironmentVariable(String name, String value) {
        var setenv = Linker.nativeLinker()
                .defaultLookup()
                .find("setenv")
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no setenv"));
        try (var memory = Arena.ofConfined()) {
            long failed = OrtApi.invoke(
                    setenv,
                    memory.allocateFrom(name).address(),
                    memory.allocateFrom(value).address(),
                    1);
            if ((int) failed != 0) {
                throw new UnsatisfiedLinkError("setenv refused " + name);
            }
        }
    }
}
