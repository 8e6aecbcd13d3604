package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Values of shape tensors where a context reads them, as long as this is open. */
final class Sizes implements AutoCloseable {
    private final NativeCalls calls;
    private final List<NativeHandle> memory = new ArrayList<>();

    Sizes(NativeCalls calls) {
        this.calls = calls;
    }

    /** The address of a shape tensor with these values. */
    @SuppressWarnings("restricted") // the memory is ours and as long as we say
    long of(Binding tensor, Shape values) {
        var type = tensor.type().orElseThrow();
        long bytes = Math.max(1, (long) values.rank() * type.size());
        var pinned =
                NativeHandle.adopt("values of '" + tensor.name() + "'", calls.allocatePinned(bytes), calls::freePinned);
        memory.add(pinned);
        var at = MemorySegment.ofAddress(pinned.address()).reinterpret(bytes);
        for (int i = 0; i < values.rank(); i++) {
            if (type == DataType.INT32) {
                at.setAtIndex(ValueLayout.JAVA_INT, i, (int) values.dim(i));
            } else {
                at.setAtIndex(ValueLayout.JAVA_LONG, i, values.dim(i));
            }
        }
        return pinned.address();
    }

    @Override
    public void close() {
        memory.forEach(NativeHandle::close);
    }
}
