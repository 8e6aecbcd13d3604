package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.NativeHandle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How execution providers come into a session's options: some through an object of their own, the others by name. */
enum ProviderOptions {
    CUDA(
            OrtFunction.CREATE_CUDA_OPTIONS,
            OrtFunction.UPDATE_CUDA_OPTIONS,
            OrtFunction.APPEND_CUDA,
            OrtFunction.RELEASE_CUDA_OPTIONS),
    TENSORRT(
            OrtFunction.CREATE_TENSORRT_OPTIONS,
            OrtFunction.UPDATE_TENSORRT_OPTIONS,
            OrtFunction.APPEND_TENSORRT,
            OrtFunction.RELEASE_TENSORRT_OPTIONS),
    DNNL(
            OrtFunction.CREATE_DNNL_OPTIONS,
            OrtFunction.UPDATE_DNNL_OPTIONS,
            OrtFunction.APPEND_DNNL,
            OrtFunction.RELEASE_DNNL_OPTIONS);

    private final OrtFunction create;
    private final OrtFunction update;
    private final OrtFunction append;
    private final OrtFunction release;

    ProviderOptions(OrtFunction create, OrtFunction update, OrtFunction append, OrtFunction release) {
        this.create = create;
        this.update = update;
        this.append = append;
        this.release = release;
    }

    void append(OnnxRuntime engine, NativeHandle session, Map<String, String> options) {
        try (var memory = Arena.ofConfined();
                var own = engine.made("options of " + this, create, release)) {
            var sorted = new TreeMap<>(options);
            engine.api().call(update, own.address(), keys(memory, sorted), values(memory, sorted), sorted.size());
            engine.api().call(append, session.address(), own.address());
        }
    }

    static void append(OnnxRuntime engine, NativeHandle session, String provider, Map<String, String> options) {
        try (var memory = Arena.ofConfined()) {
            var sorted = new TreeMap<>(options);
            engine.api()
                    .call(
                            OrtFunction.APPEND_EXECUTION_PROVIDER,
                            session.address(),
                            memory.allocateFrom(provider).address(),
                            keys(memory, sorted),
                            values(memory, sorted),
                            sorted.size());
        }
    }

    private static long keys(Arena memory, SortedMap<String, String> options) {
        return texts(memory, options.keySet());
    }

    private static long values(Arena memory, SortedMap<String, String> options) {
        return texts(memory, options.values());
    }

    private static long texts(Arena memory, Collection<String> texts) {
        return memory.allocateFrom(
                        ValueLayout.JAVA_LONG,
                        texts.stream()
                                .map(memory::allocateFrom)
                                .mapToLong(MemorySegment::address)
                                .toArray())
                .address();
    }
}
