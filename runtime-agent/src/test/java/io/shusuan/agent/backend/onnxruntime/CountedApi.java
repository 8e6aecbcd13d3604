package io.shusuan.agent.backend.onnxruntime;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The real ONNX Runtime, with a count of the calls of each of its functions. */
final class CountedApi extends OrtApi {
    private static final OnnxRuntimeLibrary.Base BASE = OnnxRuntimeLibrary.base();

    private final Map<OrtFunction, LongAdder> calls = new EnumMap<>(OrtFunction.class);

    CountedApi() {
        super(BASE.table());
        for (var function : OrtFunction.values()) {
            calls.put(function, new LongAdder());
        }
    }

    /** An engine that calls by it. */
    OnnxRuntime engine() {
        return OnnxRuntime.with(this, BASE.version());
    }

    static MemorySegment table() {
        return BASE.table();
    }

    @Override
    MemorySegment at(OrtFunction function) {
        var counted = calls.get(function);
        if (counted == null) {
            throw new AssertionError(function);
        }
        counted.increment();
        return super.at(function);
    }

    long calls(OrtFunction function) {
        var counted = calls.get(function);
        return counted == null ? 0 : counted.sum();
    }
}
