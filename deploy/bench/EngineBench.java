import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/**
 * What a call of the engine costs beside its computation: ONNX Runtime's Java API against its C API through java.lang.foreign. Both do
 * what the agent does for each request: make a tensor over its input, one over its output, run, free both. {@code MODEL LIBRARY}
 */
public final class EngineBench {
    private static final int ROUNDS = 9;
    private static final int CALLS = 50_000;
    private static final long[] SHAPE = {1, 16};

    /** One request. */
    interface Call {
        void run() throws Throwable;
    }

    public static void main(String[] arguments) throws Throwable {
        var arena = Arena.global();
        var input = arena.allocate(64, 64);
        var output = arena.allocate(64, 64);
        var java = javaApi(arguments[0], input, output);
        var foreign = new CApi(Path.of(arguments[1]), arena).session(arguments[0], input, output);
        var javaNanos = new double[ROUNDS];
        var foreignNanos = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            double first = measure(java);
            double second = measure(foreign);
            if (round >= 0) {
                javaNanos[round] = first;
                foreignNanos[round] = second;
            }
        }
        double viaJava = median(javaNanos);
        double viaForeign = median(foreignNanos);
        System.out.printf("%-36s %8.0f ns%n%-36s %8.0f ns%n", "Java API (JNI), one call", viaJava, "C API (FFM), one call", viaForeign);
        System.out.printf("{\"java_ns\":%.0f,\"ffm_ns\":%.0f}%n", viaJava, viaForeign);
    }

    private static double measure(Call call) throws Throwable {
        long begin = System.nanoTime();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return (System.nanoTime() - begin) / (double) CALLS;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static Call javaApi(String model, MemorySegment input, MemorySegment output) throws Exception {
        var environment = OrtEnvironment.getEnvironment();
        var options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        var session = environment.createSession(model, options);
        var in = input.asByteBuffer().order(ByteOrder.nativeOrder());
        var out = output.asByteBuffer().order(ByteOrder.nativeOrder());
        return () -> {
            try (var from = OnnxTensor.createTensor(environment, in, SHAPE, OnnxJavaType.FLOAT);
                    var to = OnnxTensor.createTensor(environment, out, SHAPE, OnnxJavaType.FLOAT);
                    var result = session.run(Map.of("INPUT0", from), Set.of(), Map.of("OUTPUT0", to))) {
                result.size();
            }
        };
    }

    /** The functions of OrtApi that a request needs, by their places in the struct, which later versions keep. */
    private static final class CApi {
        private static final int VERSION = 17;
        private final Arena arena;
        private final Linker linker = Linker.nativeLinker();
        private final MemorySegment functions;

        CApi(Path library, Arena arena) throws Throwable {
            this.arena = arena;
            var base = (MemorySegment) linker.downcallHandle(
                            SymbolLookup.libraryLookup(library, arena).find("OrtGetApiBase").orElseThrow(),
                            FunctionDescriptor.of(ValueLayout.ADDRESS))
                    .invokeExact();
            var getApi = base.reinterpret(16).get(ValueLayout.ADDRESS, 0);
            this.functions = ((MemorySegment) linker.downcallHandle(
                                    getApi, FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT))
                            .invokeExact(VERSION))
                    .reinterpret(100 * 8);
        }

        private MethodHandle function(int place, java.lang.foreign.MemoryLayout... arguments) {
            return linker.downcallHandle(
                    functions.get(ValueLayout.ADDRESS, place * 8L), FunctionDescriptor.of(ValueLayout.ADDRESS, arguments));
        }

        private static void check(MemorySegment status) {
            if (status.address() != 0) {
                throw new IllegalStateException("ONNX Runtime refused");
            }
        }

        Call session(String model, MemorySegment input, MemorySegment output) throws Throwable {
            var pointer = ValueLayout.ADDRESS;
            var number = ValueLayout.JAVA_INT;
            var size = ValueLayout.JAVA_LONG;
            var slot = arena.allocate(pointer);
            check((MemorySegment) function(3, number, pointer, pointer).invokeExact(3, arena.allocateFrom("bench"), slot));
            var environment = slot.get(pointer, 0);
            check((MemorySegment) function(10, pointer).invokeExact(slot));
            var options = slot.get(pointer, 0);
            check((MemorySegment) function(24, pointer, number).invokeExact(options, 1));
            check((MemorySegment) function(7, pointer, pointer, pointer, pointer)
                    .invokeExact(environment, arena.allocateFrom(model), options, slot));
            var session = slot.get(pointer, 0);
            check((MemorySegment) function(69, number, number, pointer).invokeExact(1, 0, slot));
            var memory = slot.get(pointer, 0);
            var create = function(49, pointer, pointer, size, pointer, size, number, pointer);
            var run = function(9, pointer, pointer, pointer, pointer, size, pointer, size, pointer);
            var release = linker.downcallHandle(functions.get(pointer, 96 * 8L), FunctionDescriptor.ofVoid(pointer));
            var shape = arena.allocateFrom(size, SHAPE);
            var inputNames = arena.allocateFrom(pointer, arena.allocateFrom("INPUT0"));
            var outputNames = arena.allocateFrom(pointer, arena.allocateFrom("OUTPUT0"));
            var inputs = arena.allocate(pointer);
            var outputs = arena.allocate(pointer);
            return () -> {
                check((MemorySegment) create.invokeExact(memory, input, 64L, shape, 2L, 1, inputs));
                check((MemorySegment) create.invokeExact(memory, output, 64L, shape, 2L, 1, outputs));
                check((MemorySegment) run.invokeExact(
                        session, MemorySegment.NULL, inputNames, inputs, 1L, outputNames, 1L, outputs));
                release.invokeExact(inputs.get(pointer, 0));
                release.invokeExact(outputs.get(pointer, 0));
            };
        }
    }
}
