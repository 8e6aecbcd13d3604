package io.shusuan.agent.backend.onnxruntime;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Collections;

/**
 * Calls of ONNX Runtime's C API. What pointers point to is the caller's.
 *
 * <p>Every function is called in one shape: eight arguments of 64 bits and such a result. The first call of a shape costs its linking,
 * some twenty milliseconds that no start-up cache saves. By the calling conventions of the processors that ONNX Runtime's jar has
 * libraries for (x86-64 and AArch64) a C {@code int} is the lower half of the same register, arguments that a function does not have
 * stay unread where they are, and what a function without a result leaves is nobody's.
 *
 * <p>What answers with a status throws {@link OrtRefusal} where there is one, and has released it by then.
 */
@SuppressWarnings("restricted") // that is what this class is for
class OrtApi {
    private static final int ARGUMENTS = 8;
    private static final MethodHandle CALL = Linker.nativeLinker()
            .downcallHandle(FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG,
                    Collections.nCopies(ARGUMENTS, ValueLayout.JAVA_LONG).toArray(MemoryLayout[]::new)));

    /** By their places. */
    private final MemorySegment[] functions = new MemorySegment[OrtFunction.PLACES];

    /** @param table the library's functions, one pointer after the other */
    OrtApi(MemorySegment table) {
        for (var function : OrtFunction.values()) {
            functions[function.place()] = table.getAtIndex(ValueLayout.ADDRESS, function.place());
        }
    }

    /** Where a function lies. Every call asks here. */
    MemorySegment at(OrtFunction function) {
        return functions[function.place()];
    }

    /** Calls a C function, whatever its own shape: those of its arguments that are not given are zero. */
    static long invoke(MemorySegment function, long first, long second, long third) {
        return invoke(function, first, second, third, 0, 0, 0, 0, 0);
    }

    private static long invoke(
            MemorySegment function,
            long first,
            long second,
            long third,
            long fourth,
            long fifth,
            long sixth,
            long seventh,
            long eighth) {
        try {
            return (long) CALL.invokeExact(function, first, second, third, fourth, fifth, sixth, seventh, eighth);
        } catch (RuntimeException | Error told) {
            throw told;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A function that gives an object back and cannot fail. */
    final void release(OrtFunction function, long object) {
        invoke(at(function), object, 0, 0);
    }

    final void call(OrtFunction function, long only) {
        call(function, only, 0, 0, 0, 0);
    }

    final void call(OrtFunction function, long first, long second) {
        call(function, first, second, 0, 0, 0);
    }

    final void call(OrtFunction function, long first, long second, long third) {
        call(function, first, second, third, 0, 0);
    }

    final void call(OrtFunction function, long first, long second, long third, long fourth) {
        call(function, first, second, third, fourth, 0);
    }

    final void call(OrtFunction function, long first, long second, long third, long fourth, long fifth) {
        call(function, first, second, third, fourth, fifth, 0, 0, 0);
    }

    final void call(
            OrtFunction function,
            long first,
            long second,
            long third,
            long fourth,
            long fifth,
            long sixth,
            long seventh,
            long eighth) {
        long status = invoke(at(function), first, second, third, fourth, fifth, sixth, seventh, eighth);
        if (status != 0) {
            throw refusal(status);
        }
    }

    private OrtRefusal refusal(long status) {
        try {
            int code = (int) invoke(at(OrtFunction.GET_ERROR_CODE), status, 0, 0);
            return new OrtRefusal(code, text(invoke(at(OrtFunction.GET_ERROR_MESSAGE), status, 0, 0)));
        } finally {
            release(OrtFunction.RELEASE_STATUS, status);
        }
    }

    /** What a C string says; nothing where there is none. */
    static String text(long address) {
        return address == 0
                ? ""
                : MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
    }

    /** So many bytes at an address of the library's. */
    static MemorySegment memory(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
