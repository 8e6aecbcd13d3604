package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.NativeHandle;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The process' ONNX Runtime with the three objects that everything else is made with. They are made once and never freed: native threads may
 * use them until the process ends.
 *
 * @param environment an {@code OrtEnv}
 * @param allocator the {@code OrtAllocator} of names and strings
 * @param hostMemory the {@code OrtMemoryInfo} of memory that this process reads and writes
 */
record OnnxRuntime(OrtApi api, String version, long environment, long allocator, long hostMemory) {
    private static final int ONLY_ERRORS = 3;
    private static final int ARENA_ALLOCATOR = 1;
    private static final int DEFAULT_MEMORY = 0;

    private static @Nullable OnnxRuntime loaded;

    /** Throws {@link UnsatisfiedLinkError} or its like where the library cannot be loaded. */
    static synchronized OnnxRuntime load() {
        var engine = loaded;
        if (engine == null) {
            var base = OnnxRuntimeLibrary.base();
            engine = with(new OrtApi(base.table()), base.version());
            loaded = engine;
        }
        return engine;
    }

    static OnnxRuntime with(OrtApi api, String version) {
        try (var memory = Arena.ofConfined()) {
            var out = memory.allocate(ValueLayout.JAVA_LONG);
            api.call(
                    OrtFunction.CREATE_ENV,
                    ONLY_ERRORS,
                    memory.allocateFrom("shusuan").address(),
                    out.address());
            long environment = out.get(ValueLayout.JAVA_LONG, 0);
            api.call(OrtFunction.GET_ALLOCATOR_WITH_DEFAULT_OPTIONS, out.address());
            long allocator = out.get(ValueLayout.JAVA_LONG, 0);
            api.call(OrtFunction.CREATE_CPU_MEMORY_INFO, ARENA_ALLOCATOR, DEFAULT_MEMORY, out.address());
            return new OnnxRuntime(api, version, environment, allocator, out.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    /** By ONNX Runtime's names. */
    Set<String> availableProviders() {
        try (var memory = Arena.ofConfined()) {
            var list = memory.allocate(ValueLayout.JAVA_LONG);
            var count = memory.allocate(ValueLayout.JAVA_INT);
            api.call(OrtFunction.GET_AVAILABLE_PROVIDERS, list.address(), count.address());
            long found = list.get(ValueLayout.JAVA_LONG, 0);
            int size = count.get(ValueLayout.JAVA_INT, 0);
            try {
                var names = new LinkedHashSet<String>();
                var pointers = OrtApi.memory(found, size * ValueLayout.JAVA_LONG.byteSize());
                for (int i = 0; i < size; i++) {
                    names.add(OrtApi.text(pointers.getAtIndex(ValueLayout.JAVA_LONG, i)));
                }
                return names;
            } finally {
                api.call(OrtFunction.RELEASE_AVAILABLE_PROVIDERS, found, size);
            }
        }
    }

    /**
     * A session over a file. Whoever asked owns it.
     *
     * @param released runs when the session is freed
     */
    NativeHandle session(String file, NativeHandle options, Runnable released) {
        try (var memory = Arena.ofConfined()) {
            long path = memory.allocateFrom(file).address();
            var out = memory.allocate(ValueLayout.JAVA_LONG);
            api.call(OrtFunction.CREATE_SESSION, environment, path, options.address(), out.address());
            return NativeHandle.adopt("a session of " + file, out.get(ValueLayout.JAVA_LONG, 0), session -> {
                api.release(OrtFunction.RELEASE_SESSION, session);
                released.run();
            });
        }
    }

    NativeHandle sessionOptions() {
        return made("options of a session", OrtFunction.CREATE_SESSION_OPTIONS, OrtFunction.RELEASE_SESSION_OPTIONS);
    }

    NativeHandle runOptions() {
        return made("options of a run", OrtFunction.CREATE_RUN_OPTIONS, OrtFunction.RELEASE_RUN_OPTIONS);
    }

    /** An object that is made of nothing. Whoever asked owns it. */
    NativeHandle made(String what, OrtFunction create, OrtFunction release) {
        try (var memory = Arena.ofConfined()) {
            var out = memory.allocate(ValueLayout.JAVA_LONG);
            api.call(create, out.address());
            return owned(what, release, out);
        }
    }

    private NativeHandle owned(String what, OrtFunction release, MemorySegment out) {
        return NativeHandle.adopt(what, out.get(ValueLayout.JAVA_LONG, 0), object -> api.release(release, object));
    }
}
