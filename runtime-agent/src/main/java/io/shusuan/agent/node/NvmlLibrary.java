package io.shusuan.agent.node;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The functions of {@code libnvidia-ml.so.1}, called by their names. A function's types are those of the arguments of its first call: NVML's take
 * 32-bit and 64-bit numbers and pointers, and answer an error code. That is slower than a handle per function, and it is called a few hundred times
 * in some seconds.
 */
final class NvmlLibrary {
    private static final int SUCCESS = 0;

    private final SymbolLookup symbols;
    private final Map<String, MethodHandle> handles = new ConcurrentHashMap<>();

    NvmlLibrary(SymbolLookup symbols) {
        this.symbols = symbols;
    }

    /** Calls a function that has to succeed. */
    void require(String function, Object... arguments) throws NvmlException {
        int code = call(function, arguments);
        if (code != SUCCESS) {
            throw failure(function, code);
        }
    }

    /** Calls a function that not every driver and GPU has; false where they have it not, or do not let this process ask. */
    boolean offers(String function, Object... arguments) throws NvmlException {
        int code = call(function, arguments);
        return switch (code) {
            case SUCCESS -> true;
            case NvmlException.INVALID_ARGUMENT,
                    NvmlException.NOT_SUPPORTED,
                    NvmlException.NO_PERMISSION,
                    NvmlException.NOT_FOUND,
                    NvmlException.FUNCTION_NOT_FOUND -> false;
            default -> throw failure(function, code);
        };
    }

    boolean has(String function) {
        return symbols.find(function).isPresent();
    }

    /** The function's code, or the one that says that there is no such function. */
    int call(String function, Object... arguments) {
        var symbol = symbols.find(function);
        if (symbol.isEmpty()) {
            return NvmlException.FUNCTION_NOT_FOUND;
        }
        var handle = handles.computeIfAbsent(function, _ -> handle(symbol.get(), ValueLayout.JAVA_INT, arguments));
        return (int) invoke(handle, arguments);
    }

    NvmlException failure(String function, int code) {
        return new NvmlException(function, code, text(code));
    }

    private String text(int code) {
        var symbol = symbols.find("nvmlErrorString");
        if (symbol.isEmpty()) {
            return "failed";
        }
        var handle = handles.computeIfAbsent(
                "nvmlErrorString", _ -> handle(symbol.get(), ValueLayout.ADDRESS, new Object[] {code}));
        return string((MemorySegment) invoke(handle, code));
    }

    @SuppressWarnings("restricted") // a constant text of the library's, which ends in a zero
    private static String string(MemorySegment text) {
        return text.address() == 0 ? "failed" : text.reinterpret(Long.MAX_VALUE).getString(0);
    }

    @SuppressWarnings("restricted") // what NVML is there for
    private static MethodHandle handle(MemorySegment symbol, MemoryLayout answer, Object[] arguments) {
        var types = Arrays.stream(arguments).map(NvmlLibrary::layout).toArray(MemoryLayout[]::new);
        return Linker.nativeLinker().downcallHandle(symbol, FunctionDescriptor.of(answer, types));
    }

    private static MemoryLayout layout(Object argument) {
        return switch (argument) {
            case Integer _ -> ValueLayout.JAVA_INT;
            case Long _ -> ValueLayout.JAVA_LONG;
            case MemorySegment _ -> ValueLayout.ADDRESS;
            default -> throw new IllegalArgumentException("NVML takes no " + argument.getClass());
        };
    }

    private static Object invoke(MethodHandle handle, Object... arguments) {
        try {
            return handle.invokeWithArguments(arguments);
        } catch (RuntimeException | Error told) {
            throw told;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}
