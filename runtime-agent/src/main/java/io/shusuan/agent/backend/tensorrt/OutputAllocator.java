package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.inference.Shape;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * An {@code IOutputAllocator} as TensorRT calls it: an object whose table of virtual functions leads into Java. JavaCPP's class cannot be
 * extended, so the object is laid out here, by the ABI of Linux. The table's order is the one that the JNI glue of TensorRT 11.2, compiled
 * from NVIDIA's headers, calls: getAPILanguage, getInterfaceInfo, two destructors, reallocateOutput, reallocateOutputAsync, notifyShape.
 */
@SuppressWarnings({"UnusedMethod", "UnusedVariable"}) // TensorRT calls them, by their addresses
final class OutputAllocator implements AutoCloseable {
    private static final Logger log = System.getLogger(OutputAllocator.class.getName());
    private static final int MAX_DIMS = 8;
    /** {@code struct InterfaceInfo { const char* kind; int32_t major; int32_t minor; }} */
    private static final MemoryLayout INTERFACE_INFO =
            MemoryLayout.structLayout(ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);

    private final Arena memory = Arena.ofShared();
    private final NativeCalls.LateOutput output;
    private final MemorySegment object;
    private final MemorySegment info;

    OutputAllocator(NativeCalls.LateOutput output) {
        this.output = output;
        this.info = memory.allocate(INTERFACE_INFO);
        info.set(ValueLayout.ADDRESS, 0, memory.allocateFrom("IOutputAllocator"));
        info.set(ValueLayout.JAVA_INT, 8, 1);
        var address = ValueLayout.ADDRESS;
        var number = ValueLayout.JAVA_LONG;
        var virtual = new MemorySegment[] {
            function("language", FunctionDescriptor.of(ValueLayout.JAVA_INT, address)),
            function("info", FunctionDescriptor.of(INTERFACE_INFO, address)),
            function("destroyed", FunctionDescriptor.ofVoid(address)),
            function("destroyed", FunctionDescriptor.ofVoid(address)),
            function("allocate", FunctionDescriptor.of(address, address, address, address, number, number)),
            function(
                    "allocateAsync",
                    FunctionDescriptor.of(address, address, address, address, number, number, address)),
            function("shapeIs", FunctionDescriptor.ofVoid(address, address, address))
        };
        var table = memory.allocate(ValueLayout.ADDRESS, virtual.length);
        for (int i = 0; i < virtual.length; i++) {
            table.setAtIndex(ValueLayout.ADDRESS, i, virtual[i]);
        }
        this.object = memory.allocateFrom(ValueLayout.ADDRESS, table);
    }

    @SuppressWarnings("restricted") // TensorRT has no other way to ask
    private MemorySegment function(String name, FunctionDescriptor descriptor) {
        return Linker.nativeLinker().upcallStub(bound(name, descriptor.toMethodType()), descriptor, memory);
    }

    private MethodHandle bound(String name, MethodType type) {
        try {
            return MethodHandles.lookup().bind(this, name, type);
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError("a method of this class is not found", impossible);
        }
    }

    long address() {
        return object.address();
    }

    /** {@code APILanguage::kCPP}. */
    private int language(MemorySegment self) {
        return 0;
    }

    private MemorySegment info(MemorySegment self) {
        return info;
    }

    /** The object is this class's: nobody else deletes it. */
    private void destroyed(MemorySegment self) {}

    private MemorySegment allocate(
            MemorySegment self, MemorySegment tensor, MemorySegment current, long bytes, long alignment) {
        try {
            return MemorySegment.ofAddress(output.allocate(bytes));
        } catch (RuntimeException fault) {
            // an exception that leaves here would end the process
            log.log(Level.ERROR, "memory for an output could not be given", fault);
            return MemorySegment.NULL;
        }
    }

    private MemorySegment allocateAsync(
            MemorySegment self,
            MemorySegment tensor,
            MemorySegment current,
            long bytes,
            long alignment,
            MemorySegment stream) {
        return allocate(self, tensor, current, bytes, alignment);
    }

    /** {@code struct Dims64 { int32_t nbDims; int64_t d[8]; }} */
    @SuppressWarnings("restricted")
    private void shapeIs(MemorySegment self, MemorySegment tensor, MemorySegment dims) {
        try {
            var told = dims.reinterpret((1 + MAX_DIMS) * ValueLayout.JAVA_LONG.byteSize());
            long[] sizes = new long[Math.clamp(told.get(ValueLayout.JAVA_INT, 0), 0, MAX_DIMS)];
            for (int i = 0; i < sizes.length; i++) {
                sizes[i] = told.getAtIndex(ValueLayout.JAVA_LONG, 1L + i);
            }
            output.shapeIs(Shape.of(sizes));
        } catch (RuntimeException fault) {
            log.log(Level.ERROR, "the shape of an output could not be taken", fault);
        }
    }

    @Override
    public void close() {
        memory.close();
    }
}
