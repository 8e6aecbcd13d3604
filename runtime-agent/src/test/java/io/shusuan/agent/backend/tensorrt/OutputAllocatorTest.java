package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.inference.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls the table of virtual functions as C++ would: the object's address first. */
@SuppressWarnings("restricted") // it calls as TensorRT does, by addresses
class OutputAllocatorTest {
    private static final ValueLayout.OfLong NUMBER = ValueLayout.JAVA_LONG;

    private final List<Object> heard = new ArrayList<>();
    private final NativeCalls.LateOutput output = new NativeCalls.LateOutput() {
        @Override
        public long allocate(long bytes) {
            heard.add(bytes);
            if (bytes > 1000) {
                throw new IllegalStateException("a fault that must not reach C++");
            }
            return 4096;
        }

        @Override
        public void shapeIs(Shape shape) {
            heard.add(shape);
        }
    };

    private static MemorySegment virtual(OutputAllocator allocator, int slot) {
        var table = MemorySegment.ofAddress(allocator.address())
                .reinterpret(8)
                .get(ValueLayout.ADDRESS, 0)
                .reinterpret(7 * 8);
        return table.getAtIndex(ValueLayout.ADDRESS, slot);
    }

    private static long allocate(OutputAllocator allocator, long bytes) throws Throwable {
        var call = Linker.nativeLinker()
                .downcallHandle(
                        virtual(allocator, 5),
                        FunctionDescriptor.of(NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER));
        return (long) call.invokeExact(allocator.address(), 0L, 0L, bytes, 256L, 0L);
    }

    @Test
    void leadsIntoJava() throws Throwable {
        try (var allocator = new OutputAllocator(output);
                var memory = Arena.ofConfined()) {
            assertThat(allocate(allocator, 24)).isEqualTo(4096);

            var dims = memory.allocate(72, 8);
            dims.set(ValueLayout.JAVA_INT, 0, 2);
            dims.setAtIndex(NUMBER, 1, 3);
            dims.setAtIndex(NUMBER, 2, 5);
            Linker.nativeLinker()
                    .downcallHandle(virtual(allocator, 6), FunctionDescriptor.ofVoid(NUMBER, NUMBER, NUMBER))
                    .invokeExact(allocator.address(), 0L, dims.address());

            assertThat(heard).containsExactly(24L, Shape.of(3, 5));
        }
    }

    @Test
    void letsNoExceptionOut() throws Throwable {
        try (var allocator = new OutputAllocator(output)) {
            assertThat(allocate(allocator, 2000)).isZero();
        }
    }
}
