package io.shusuan.agent.backend.onnxruntime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.config.proto.ModelInstanceGroup.Kind;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One of the tests' models, open in the backend without an agent around it. */
record OpenModel(BackendModel model, BackendInstance instance) implements AutoCloseable {
    static OpenModel of(OnnxRuntime engine, Path folder, String name) throws LoadException {
        new ModelRepository(folder).onnx(name, 1, name);
        return of(engine, folder.resolve(name).resolve("1"));
    }

    /** A model in a folder of its own, with two instances on one session. */
    static OpenModel of(OnnxRuntime engine, Path version) throws LoadException {
        var config = ModelConfig.newBuilder()
                .setName("m")
                .addInstanceGroup(
                        ModelInstanceGroup.newBuilder().setKind(Kind.KIND_CPU).setCount(2))
                .build();
        var model = new OnnxRuntimeBackend(2, () -> engine).open(new ModelSource("m", 1, version, config, 2));
        try {
            return new OpenModel(model, model.instance(0));
        } catch (LoadException | RuntimeException failed) {
            model.close();
            throw failed;
        }
    }

    /** The answers' bytes, by the outputs' names. The inputs are taken over. */
    Map<String, byte[]> run(Tensor... inputs) {
        return run(instance, inputs);
    }

    static Map<String, byte[]> run(BackendInstance instance, Tensor... inputs) {
        try (var request = request(inputs)) {
            var answers = new TreeMap<String, byte[]>();
            for (var tensor : instance.run(request)) {
                var bytes = new byte[tensor.data().readableBytes()];
                tensor.data().readBytes(bytes);
                tensor.release();
                answers.put(tensor.name() + tensor.shape(), bytes);
            }
            return answers;
        }
    }

    static InferenceRequest request(Tensor... inputs) {
        var timing = Timing.startingNow();
        timing.computeStarts();
        return new InferenceRequest("m", 1, "", List.of(inputs), List.of(), RequestParameters.NONE, timing);
    }

    static Tensor tensor(String name, DataType type, Shape shape, byte[] bytes) {
        return new Tensor(name, type, shape, buffer(bytes.length).writeBytes(bytes));
    }

    static Tensor floats(String name, Shape shape, float... values) {
        var data = buffer(values.length * Float.BYTES);
        for (float value : values) {
            data.writeFloatLE(value);
        }
        return new Tensor(name, DataType.FP32, shape, data);
    }

    private static ByteBuf buffer(int bytes) {
        return ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes));
    }

    @Override
    public void close() {
        instance.close();
        model.close();
    }
}
