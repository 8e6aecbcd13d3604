package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.gpu.MemoryState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The CUDA runtime that ONNX Runtime's provider needs, found by the system's loader when it is first asked. */
final class CudaRuntime implements CudaMemory {
    /** Of the versions that providers are published for. */
    private static final List<String> LIBRARIES = List.of("libcudart.so.13", "libcudart.so.12");

    private @Nullable SymbolLookup symbols;

    CudaRuntime() {}

    CudaRuntime(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    @Override
    public MemoryState of(int gpu) throws CudaFailure {
        var library = library();
        call(library, "cudaSetDevice", gpu, 0);
        try (var memory = Arena.ofConfined()) {
            var free = memory.allocate(ValueLayout.JAVA_LONG);
            var total = memory.allocate(ValueLayout.JAVA_LONG);
            call(library, "cudaMemGetInfo", free.address(), total.address());
            return new MemoryState(free.get(ValueLayout.JAVA_LONG, 0), total.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    private synchronized SymbolLookup library() throws CudaFailure {
        var found = symbols;
        if (found == null) {
            found = LIBRARIES.stream()
                    .flatMap(name -> open(name).stream())
                    .findFirst()
                    .orElseThrow(() -> CudaFailure.notThere("none of " + LIBRARIES
                            + " can be loaded, which says how much memory the GPU has: set LD_LIBRARY_PATH to CUDA's"));
            symbols = found;
        }
        return found;
    }

    @SuppressWarnings("restricted") // calling the engine needs native access anyway
    private static Optional<SymbolLookup> open(String library) {
        try {
            return Optional.of(SymbolLookup.libraryLookup(library, Arena.global()));
        } catch (IllegalArgumentException missing) {
            return Optional.empty();
        }
    }

    private static void call(SymbolLookup library, String function, long first, long second) throws CudaFailure {
        int code = (int) OrtApi.invoke(function(library, function), first, second, 0);
        if (code != 0) {
            throw CudaFailure.of(
                    function, code, text(library, "cudaGetErrorName", code), text(library, "cudaGetErrorString", code));
        }
    }

    private static String text(SymbolLookup library, String function, int code) throws CudaFailure {
        return OrtApi.text(OrtApi.invoke(function(library, function), code, 0, 0));
    }

    private static MemorySegment function(SymbolLookup library, String name) throws CudaFailure {
        return library.find(name).orElseThrow(() -> CudaFailure.notThere("the CUDA runtime has no " + name));
    }
}
