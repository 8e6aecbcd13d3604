package io.shusuan.agent.backend.onnxruntime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.shusuan.agent.backend.gpu.MemoryState;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The calls of the CUDA runtime, made over C's calling convention of functions with NVIDIA's signatures. */
@SuppressWarnings("restricted") // it stands in a native library's place
class CudaRuntimeTest {
    private int chosen = -1;
    private int answer;

    private final Map<String, MemorySegment> functions = Map.of(
            "cudaSetDevice", stub("set", int.class, int.class),
            "cudaMemGetInfo", stub("info", int.class, MemorySegment.class, MemorySegment.class),
            "cudaGetErrorName", stub("name", MemorySegment.class, int.class),
            "cudaGetErrorString", stub("text", MemorySegment.class, int.class));

    private final CudaRuntime cuda = new CudaRuntime(name -> Optional.ofNullable(functions.get(name)));

    private MemorySegment stub(String method, Class<?> result, Class<?>... arguments) {
        try {
            var type = MethodType.methodType(result, arguments);
            var layouts = new MemoryLayout[arguments.length];
            for (int i = 0; i < layouts.length; i++) {
                layouts[i] = arguments[i] == int.class ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS;
            }
            var descriptor =
                    FunctionDescriptor.of(result == int.class ? ValueLayout.JAVA_INT : ValueLayout.ADDRESS, layouts);
            return Linker.nativeLinker()
                    .upcallStub(MethodHandles.lookup().bind(this, method, type), descriptor, Arena.global());
        } catch (ReflectiveOperationException impossible) {
            throw new LinkageError(impossible.getMessage(), impossible);
        }
    }

    int set(int gpu) {
        chosen = gpu;
        return 0;
    }

    int info(MemorySegment free, MemorySegment total) {
        if (answer == 0) {
            free.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, 3L << 30);
            total.reinterpret(Long.BYTES).set(ValueLayout.JAVA_LONG, 0, 80L << 30);
        }
        return answer;
    }

    MemorySegment name(int code) {
        return Arena.global().allocateFrom("cudaError" + code);
    }

    MemorySegment text(int code) {
        return Arena.global().allocateFrom("what " + code + " means");
    }

    @Test
    void tellsTheMemoryOfTheGpuThatIsAskedFor() throws Exception {
        assertThat(cuda.of(1)).isEqualTo(new MemoryState(3L << 30, 80L << 30));
        assertThat(chosen).isOne();
    }

    @ParameterizedTest
    @CsvSource({"700, true", "2, false"})
    void tellsErrorsByTheirNames(int code, boolean sticky) {
        answer = code;
        var failed = catchThrowableOfType(CudaFailure.class, () -> cuda.of(0));
        assertThat(failed.text())
                .isEqualTo("cudaMemGetInfo failed: cudaError" + code + " (" + code + "): what " + code + " means");
        assertThat(failed.isSticky()).isEqualTo(sticky);
    }
}
