import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Memory of a GPU that belongs to this process and that others may open: what a caller has who shares it with the agent. */
final class CudaMemory implements AutoCloseable {
    private static final int TO_DEVICE = 1;
    private static final int TO_HOST = 2;
    private static final int HANDLE_BYTES = 64;
    /** Smaller pieces are cut out of such a block, and a handle would open the whole block from its beginning. */
    private static final long BLOCK = 2L << 20;

    private final Cudart cuda;
    private final MemorySegment address;

    private CudaMemory(Cudart cuda, MemorySegment address) {
        this.cuda = cuda;
        this.address = address;
    }

    static CudaMemory allocate(int gpu, long bytes) throws IOException {
        var cuda = new Cudart(CudaLibrary.open());
        cuda.call("cudaSetDevice", gpu);
        try (var arena = Arena.ofConfined()) {
            var address = arena.allocate(ValueLayout.ADDRESS);
            cuda.call("cudaMalloc", address, size(bytes));
            return new CudaMemory(cuda, address.get(ValueLayout.ADDRESS, 0));
        }
    }

    /** How large it is, which is more than was asked for. */
    static long size(long asked) {
        return (asked + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** The {@code cudaIpcMemHandle_t} by which another process opens it. */
    byte[] handle() throws IOException {
        try (var arena = Arena.ofConfined()) {
            var handle = arena.allocate(HANDLE_BYTES);
            cuda.call("cudaIpcGetMemHandle", handle, address);
            return handle.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Returns when the bytes are there. */
    void write(byte[] bytes) throws IOException {
        try (var arena = Arena.ofConfined()) {
            cuda.call("cudaMemcpy", address, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes), (long) bytes.length, TO_DEVICE);
            cuda.call("cudaDeviceSynchronize");
        }
    }

    byte[] read(int bytes) throws IOException {
        try (var arena = Arena.ofConfined()) {
            var host = arena.allocate(bytes);
            cuda.call("cudaMemcpy", host, address, (long) bytes, TO_HOST);
            return host.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Override
    public void close() throws IOException {
        cuda.call("cudaFree", address);
    }

    /** CUDA's runtime: its functions answer an error code, and take numbers of 32 and 64 bits and pointers. */
    private record Cudart(SymbolLookup symbols) {
        void call(String function, Object... arguments) throws IOException {
            var types = new java.lang.foreign.MemoryLayout[arguments.length];
            for (int i = 0; i < types.length; i++) {
                types[i] = switch (arguments[i]) {
                    case Integer _ -> ValueLayout.JAVA_INT;
                    case Long _ -> ValueLayout.JAVA_LONG;
                    default -> ValueLayout.ADDRESS;
                };
            }
            int code = (int) invoke(handle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, types)), arguments);
            if (code != 0) {
                throw new IOException(function + " failed: " + text(code) + " (" + code + ")");
            }
        }

        private MethodHandle handle(String function, FunctionDescriptor type) throws IOException {
            var symbol = symbols.find(function).orElseThrow(() -> new IOException("CUDA's runtime has no " + function));
            return Linker.nativeLinker().downcallHandle(symbol, type);
        }

        private String text(int code) throws IOException {
            var name = (MemorySegment) invoke(handle("cudaGetErrorName", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT)), code);
            return name.reinterpret(256).getString(0);
        }

        private static Object invoke(MethodHandle handle, Object... arguments) {
            try {
                return handle.invokeWithArguments(arguments);
            } catch (RuntimeException | Error failed) {
                throw failed;
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
