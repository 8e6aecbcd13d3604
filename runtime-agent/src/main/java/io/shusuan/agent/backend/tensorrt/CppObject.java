package io.shusuan.agent.backend.tensorrt;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * C++'s {@code delete}, which JavaCPP's binding of TensorRT lacks. By the ABI of Linux an object begins with the address of its table of
 * virtual functions; TensorRT's objects declare their destructor first, and the table's second entry is the one that also frees.
 */
final class CppObject {
    private static final long DELETE = 1;
    /** The parser declares its destructor behind six other functions. */
    private static final long DELETE_PARSER = 7;

    private static final MethodHandle destructor = destructor();

    private CppObject() {}

    static void delete(long object) {
        delete(object, DELETE);
    }

    static void deleteParser(long parser) {
        delete(parser, DELETE_PARSER);
    }

    @SuppressWarnings("restricted") // the object is TensorRT's own, and whoever calls owns it
    private static void delete(long object, long entry) {
        try {
            var self = MemorySegment.ofAddress(object).reinterpret(ValueLayout.ADDRESS.byteSize());
            var table = self.get(ValueLayout.ADDRESS, 0).reinterpret((entry + 1) * ValueLayout.ADDRESS.byteSize());
            destructor.invokeExact(table.getAtIndex(ValueLayout.ADDRESS, entry), self);
        } catch (RuntimeException | Error told) {
            throw told;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle destructor() {
        return Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
    }
}
