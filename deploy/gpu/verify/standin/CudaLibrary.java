import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * CUDA's runtime in Java, for the rehearsal: each method whose name begins with {@code cuda} is a C function, called as C calls. A GPU's memory is a
 * file of the system's shared memory, its handle the file's name, and the stand-in within the agent opens it by that.
 */
final class CudaLibrary implements SymbolLookup {
    private static final int SUCCESS = 0;
    private static final int INVALID_VALUE = 1;
    private static final int NO_MEMORY = 2;
    private static final int NO_SUCH_GPU = 101;
    private static final Path SHARED = Path.of("/dev/shm");
    private static final Arena ALWAYS = Arena.global();
    private static final Map<Long, Piece> PIECES = new ConcurrentHashMap<>();

    private final Map<String, MemorySegment> functions = new ConcurrentHashMap<>();

    private record Piece(Path file, Arena arena) {}

    private CudaLibrary() throws IOException {
        for (var method : CudaLibrary.class.getDeclaredMethods()) {
            if (method.getName().startsWith("cuda")) {
                var layouts = Arrays.stream(method.getParameterTypes()).map(CudaLibrary::layout).toArray(MemoryLayout[]::new);
                try {
                    var handle = MethodHandles.lookup().unreflect(method);
                    functions.put(method.getName(), Linker.nativeLinker().upcallStub(handle, FunctionDescriptor.of(layout(method.getReturnType()), layouts), ALWAYS));
                } catch (IllegalAccessException impossible) {
                    throw new IOException(impossible);
                }
            }
        }
    }

    static SymbolLookup open() throws IOException {
        return new CudaLibrary();
    }

    private static MemoryLayout layout(Class<?> type) {
        return type == int.class ? ValueLayout.JAVA_INT : type == long.class ? ValueLayout.JAVA_LONG : ValueLayout.ADDRESS;
    }

    @Override
    public Optional<MemorySegment> find(String name) {
        return Optional.ofNullable(functions.get(name));
    }

    static int cudaSetDevice(int gpu) {
        return gpu == 0 ? SUCCESS : NO_SUCH_GPU;
    }

    static int cudaMalloc(MemorySegment address, long bytes) {
        var arena = Arena.ofShared();
        try {
            var file = Files.createTempFile(SHARED, "verify-cuda-", "");
            file.toFile().deleteOnExit();
            try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                var memory = channel.map(MapMode.READ_WRITE, 0, bytes, arena);
                PIECES.put(memory.address(), new Piece(file, arena));
                address.reinterpret(8).set(ValueLayout.JAVA_LONG, 0, memory.address());
                return SUCCESS;
            }
        } catch (IOException full) {
            arena.close();
            return NO_MEMORY;
        }
    }

    static int cudaMemcpy(MemorySegment to, MemorySegment from, long bytes, int kind) {
        boolean fits = kind == 1 && PIECES.containsKey(to.address()) || kind == 2 && PIECES.containsKey(from.address());
        if (!fits) {
            return INVALID_VALUE;
        }
        to.reinterpret(bytes).copyFrom(from.reinterpret(bytes));
        return SUCCESS;
    }

    static int cudaDeviceSynchronize() {
        return SUCCESS;
    }

    static int cudaIpcGetMemHandle(MemorySegment handle, MemorySegment memory) {
        var piece = PIECES.get(memory.address());
        if (piece == null) {
            return INVALID_VALUE;
        }
        var name = Arrays.copyOf(piece.file().getFileName().toString().getBytes(StandardCharsets.US_ASCII), 64);
        handle.reinterpret(64).copyFrom(MemorySegment.ofArray(name));
        return SUCCESS;
    }

    static int cudaFree(MemorySegment memory) {
        var piece = PIECES.remove(memory.address());
        if (piece == null) {
            return INVALID_VALUE;
        }
        piece.arena().close();
        return piece.file().toFile().delete() ? SUCCESS : INVALID_VALUE;
    }

    static MemorySegment cudaGetErrorName(int code) {
        return ALWAYS.allocateFrom("the rehearsal's error " + code);
    }
}
