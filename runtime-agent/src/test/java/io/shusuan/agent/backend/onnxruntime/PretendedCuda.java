package io.shusuan.agent.backend.onnxruntime;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The real ONNX Runtime, which runs on the processor, with a CUDA provider that takes any options and does nothing. Runs fail by the very
 * status that a test wants.
 */
@SuppressWarnings("restricted") // it stands in a native library's place
final class PretendedCuda extends OrtApi {
    private static final int POINTER = (int) ValueLayout.ADDRESS.byteSize();
    private static final int EXCEPTION = 6;

    private final Map<OrtFunction, MemorySegment> pretended = new EnumMap<>(OrtFunction.class);
    private final List<Map<String, String>> options = new CopyOnWriteArrayList<>();
    private final MemorySegment failing = stub("run");
    private volatile @Nullable String failure;

    PretendedCuda() {
        super(CountedApi.table());
        pretended.put(OrtFunction.GET_AVAILABLE_PROVIDERS, stub("providers"));
        pretended.put(OrtFunction.RELEASE_AVAILABLE_PROVIDERS, stub("nothing"));
        pretended.put(OrtFunction.CREATE_CUDA_OPTIONS, stub("make"));
        pretended.put(OrtFunction.UPDATE_CUDA_OPTIONS, stub("options"));
        pretended.put(OrtFunction.APPEND_CUDA, stub("nothing"));
        pretended.put(OrtFunction.RELEASE_CUDA_OPTIONS, stub("nothing"));
    }

    OnnxRuntime engine() {
        return OnnxRuntime.with(this, "with CUDA");
    }

    /** What sessions were told, one after the other. */
    List<Map<String, String>> options() {
        return options;
    }

    /** Every run fails with these words from now on. */
    void failWith(String words) {
        failure = words;
    }

    void goOn() {
        failure = null;
    }

    @Override
    MemorySegment at(OrtFunction function) {
        if (function == OrtFunction.RUN && failure != null) {
            return failing;
        }
        var instead = pretended.get(function);
        return instead == null ? super.at(function) : instead;
    }

    private MemorySegment stub(String method) {
        try {
            var type = MethodType.methodType(long.class, Collections.nCopies(8, long.class));
            return Linker.nativeLinker()
                    .upcallStub(
                            MethodHandles.lookup().bind(this, method, type),
                            FunctionDescriptor.of(
                                    ValueLayout.JAVA_LONG,
                                    Collections.nCopies(8, ValueLayout.JAVA_LONG)
                                            .toArray(MemoryLayout[]::new)),
                            Arena.global());
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError(impossible.getMessage(), impossible);
        }
    }

    // --- the functions, in the shape that OrtApi calls all of them in ---

    long nothing(long a, long b, long c, long d, long e, long f, long g, long h) {
        return 0;
    }

    long make(long out, long b, long c, long d, long e, long f, long g, long h) {
        memory(out, POINTER).set(ValueLayout.JAVA_LONG, 0, 0xC0DA);
        return 0;
    }

    long providers(long list, long count, long c, long d, long e, long f, long g, long h) {
        var names = Arena.global().allocate(2L * POINTER);
        names.setAtIndex(
                ValueLayout.JAVA_LONG,
                0,
                Arena.global().allocateFrom("CUDAExecutionProvider").address());
        names.setAtIndex(
                ValueLayout.JAVA_LONG,
                1,
                Arena.global().allocateFrom("CPUExecutionProvider").address());
        memory(list, POINTER).set(ValueLayout.JAVA_LONG, 0, names.address());
        memory(count, Integer.BYTES).set(ValueLayout.JAVA_INT, 0, 2);
        return 0;
    }

    long options(long made, long keys, long values, long count, long e, long f, long g, long h) {
        var told = new TreeMap<String, String>();
        for (int i = 0; i < count; i++) {
            told.put(
                    text(memory(keys, count * POINTER).getAtIndex(ValueLayout.JAVA_LONG, i)),
                    text(memory(values, count * POINTER).getAtIndex(ValueLayout.JAVA_LONG, i)));
        }
        options.add(told);
        return 0;
    }

    /** {@code CreateStatus} is the first function of the table. */
    long run(long a, long b, long c, long d, long e, long f, long g, long h) {
        try (var words = Arena.ofConfined()) {
            return invoke(
                    CountedApi.table().getAtIndex(ValueLayout.ADDRESS, 0),
                    EXCEPTION,
                    words.allocateFrom(String.valueOf(failure)).address(),
                    0);
        }
    }
}
