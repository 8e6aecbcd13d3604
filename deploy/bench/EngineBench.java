import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.onnxruntime.OnnxRuntimeBackend;
import io.shusuan.agent.backend.onnxruntime.OnnxRuntimeLibrary;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.config.proto.ModelInstanceGroup.Kind;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a call of the engine costs beside its computation, in processor time: by the agent's own backend, request and answer's memory included, and by ONNX
 * Runtime's Java API, which makes a tensor over its input, one over memory that it already has, runs and frees both. {@code FOLDER} has a
 * model.onnx with an input INPUT0 and an output OUTPUT0 of sixteen floats.
 */
public final class EngineBench {
    private static final int ROUNDS = 9;
    private static final int CALLS = 50_000;
    private static final int BYTES = 64;
    private static final long[] SHAPE = {1, 16};

    /** One request. */
    interface Call {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        var folder = Path.of(arguments[0]);
        var java = javaApi(folder.resolve("model.onnx").toString());
        var agent = agent(folder);
        var javaNanos = new double[ROUNDS];
        var agentNanos = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            double first = measure(java);
            double second = measure(agent);
            if (round >= 0) {
                javaNanos[round] = first;
                agentNanos[round] = second;
            }
        }
        double viaJava = median(javaNanos);
        double viaAgent = median(agentNanos);
        System.out.printf("%-36s %8.0f ns%n%-36s %8.0f ns%n", "Java API, one call", viaJava, "the agent's backend, one call", viaAgent);
        System.out.printf("{\"java_ns\":%.0f,\"agent_ns\":%.0f}%n", viaJava, viaAgent);
        System.exit(0);
    }

    private static double measure(Call call) throws Exception {
        // of this thread, which the engine runs on: others on the same cores are not counted
        var threads = ManagementFactory.getThreadMXBean();
        long begin = threads.getCurrentThreadCpuTime();
        for (int i = 0; i < CALLS; i++) {
            call.run();
        }
        return (threads.getCurrentThreadCpuTime() - begin) / (double) CALLS;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static Call javaApi(String model) throws Exception {
        var environment = OnnxRuntimeLibrary.environment();
        var options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        var session = environment.createSession(model, options);
        var in = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
        var out = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
        return () -> {
            try (var from = OnnxTensor.createTensor(environment, in, SHAPE, OnnxJavaType.FLOAT);
                    var to = OnnxTensor.createTensor(environment, out, SHAPE, OnnxJavaType.FLOAT);
                    var result = session.run(Map.of("INPUT0", from), Set.of(), Map.of("OUTPUT0", to))) {
                result.size();
            }
        };
    }

    private static Call agent(Path folder) throws Exception {
        var config = ModelConfig.newBuilder()
                .setName("identity")
                .addInstanceGroup(ModelInstanceGroup.newBuilder().setKind(Kind.KIND_CPU).setCount(1))
                .build();
        var instance = new OnnxRuntimeBackend(1)
                .open(new ModelSource("identity", 1, folder, config, 1))
                .instance(0);
        var input = new Tensor("INPUT0", DataType.FP32, Shape.of(SHAPE), Unpooled.directBuffer(BYTES).writeZero(BYTES));
        return () -> {
            input.data().retain();
            try (var request = new InferenceRequest(
                    "identity", 1, "", List.of(input), List.of(), RequestParameters.NONE, Timing.startingNow())) {
                instance.run(request).forEach(Tensor::release);
            }
        };
    }
}
