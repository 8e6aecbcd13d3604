package io.shusuan.agent.backend.tensorrt;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The machine's libraries, loaded by the system's own loader, which says exactly what it misses. */
final class SystemLibraries {
    private static final int LAZY_AND_GLOBAL = 0x101;

    /** Found before the first call: to look for a function forgets what the loader said of the last failure. */
    private static final MethodHandle OPEN =
            function("dlopen", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));

    private static final MethodHandle ERROR = function("dlerror", FunctionDescriptor.of(ValueLayout.ADDRESS));

    private SystemLibraries() {}

    /** Loads a library for the whole process; those that need it find it then. It stays loaded. */
    static void require(String library, String remedy) throws UnavailableException {
        try (var memory = Arena.ofConfined()) {
            var handle = (MemorySegment) OPEN.invokeExact(memory.allocateFrom(library), LAZY_AND_GLOBAL);
            if (handle.address() == 0) {
                throw new UnavailableException(problem(library) + ": " + remedy);
            }
        } catch (UnavailableException | RuntimeException | Error told) {
            throw told;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** "x is missing" where it is, and the loader's own words where it is there and cannot be loaded. */
    @SuppressWarnings("restricted") // a text of the C library's
    private static String problem(String library) throws Throwable {
        var said = (MemorySegment) ERROR.invokeExact();
        if (said.address() == 0) {
            return library + " cannot be loaded";
        }
        var text = said.reinterpret(Long.MAX_VALUE).getString(0);
        return text.startsWith(library + ": cannot open shared object file") ? library + " is missing" : text;
    }

    @SuppressWarnings("restricted") // loading an engine needs native access anyway
    private static MethodHandle function(String name, FunctionDescriptor descriptor) {
        var linker = Linker.nativeLinker();
        var function = linker.defaultLookup()
                .find(name)
                .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
        return linker.downcallHandle(function, descriptor);
    }
}
