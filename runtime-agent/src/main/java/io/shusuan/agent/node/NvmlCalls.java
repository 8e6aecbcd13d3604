package io.shusuan.agent.node;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Calls of NVML whose last argument takes the answer, with the memory for answers. */
final class NvmlCalls implements AutoCloseable {
    private static final int TEXT_BYTES = 128;

    private final NvmlLibrary library;
    private final Arena arena = Arena.ofConfined();

    NvmlCalls(NvmlLibrary library) {
        this.library = library;
    }

    Arena memory() {
        return arena;
    }

    OptionalInt number(String function, Object... arguments) throws NvmlException {
        var out = arena.allocate(ValueLayout.JAVA_INT);
        return library.offers(function, with(out, arguments))
                ? OptionalInt.of(out.get(ValueLayout.JAVA_INT, 0))
                : OptionalInt.empty();
    }

    OptionalLong longNumber(String function, Object... arguments) throws NvmlException {
        var out = arena.allocate(ValueLayout.JAVA_LONG);
        return library.offers(function, with(out, arguments))
                ? OptionalLong.of(out.get(ValueLayout.JAVA_LONG, 0))
                : OptionalLong.empty();
    }

    Optional<MemorySegment> handle(String function, Object... arguments) throws NvmlException {
        var out = arena.allocate(ValueLayout.ADDRESS);
        return library.offers(function, with(out, arguments))
                ? Optional.of(out.get(ValueLayout.ADDRESS, 0))
                : Optional.empty();
    }

    /** A text, which is written into memory whose size stands behind it. */
    String text(String function, Object... arguments) throws NvmlException {
        var out = arena.allocate(TEXT_BYTES);
        var all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = out;
        all[arguments.length + 1] = TEXT_BYTES;
        library.require(function, all);
        return out.getString(0);
    }

    private static Object[] with(MemorySegment out, Object... arguments) {
        var all = Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = out;
        return all;
    }

    @Override
    public void close() {
        arena.close();
    }
}
