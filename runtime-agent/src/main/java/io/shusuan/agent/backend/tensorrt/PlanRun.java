package io.shusuan.agent.backend.tensorrt;

import io.netty.buffer.Unpooled;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.gpu.Gpus;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.build.PlanMaker;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.session.Value;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A plan that is run to be judged, by the very instance that would serve it. */
final class PlanRun implements PlanMaker.OpenPlan {
    private static final String NAME = "the engine that was built";

    private final TensorRtModel model;
    private final BackendInstance instance;

    private PlanRun(TensorRtModel model, BackendInstance instance) {
        this.model = model;
        this.instance = instance;
    }

    static PlanRun open(NativeCalls calls, Gpus gpus, Path plan, int gpu, boolean hostCode) throws LoadException {
        var source = new ModelSource(NAME, 1, plan.resolveSibling(""), ModelConfig.getDefaultInstance(), 1);
        var model = TensorRtModel.open(calls, gpus, plan, new Placement(List.of(gpu), hostCode), source);
        try {
            return new PlanRun(model, model.instance(0));
        } catch (LoadException refused) {
            model.close();
            throw refused;
        }
    }

    @Override
    public Map<String, Value> run(Map<String, Value> inputs) throws EngineException {
        try (var request = request(inputs)) {
            var outputs = instance.run(request);
            try {
                var values = new LinkedHashMap<String, Value>();
                outputs.forEach(output -> values.put(output.name(), value(output)));
                return values;
            } finally {
                outputs.forEach(Tensor::release);
            }
        } catch (ServingException failed) {
            throw failed(failed);
        }
    }

    @Override
    public BareRun bare(Map<String, Value> inputs) throws EngineException {
        var request = request(inputs);
        return new BareRun() {
            @Override
            public void run() throws EngineException {
                try {
                    instance.run(request).forEach(Tensor::release);
                } catch (ServingException failed) {
                    throw failed(failed);
                }
            }

            @Override
            public void close() {
                request.close();
            }
        };
    }

    private static InferenceRequest request(Map<String, Value> inputs) throws EngineException {
        var tensors = new ArrayList<Tensor>();
        for (var input : inputs.entrySet()) {
            var value = input.getValue();
            tensors.add(new Tensor(
                    input.getKey(),
                    wireType(value.type()),
                    Shape.of(value.shape()),
                    Unpooled.wrappedBuffer(value.data().duplicate().rewind())));
        }
        return new InferenceRequest(NAME, 0, "", tensors, List.of(), RequestParameters.NONE, Timing.startingNow());
    }

    private static EngineException failed(ServingException failed) {
        return new EngineException(
                Fault.NOT_BUILDABLE, "the engine that was built fails to run: " + failed.text(), failed);
    }

    private static Value value(Tensor tensor) {
        var bytes = ByteBuffer.allocateDirect(tensor.data().readableBytes()).order(ByteOrder.nativeOrder());
        tensor.data().getBytes(tensor.data().readerIndex(), bytes);
        return new Value(onnxType(tensor.type()), tensor.shape().toArray(), bytes.flip());
    }

    static DataType wireType(TensorProto.DataType type) throws EngineException {
        for (var wire : DataType.values()) {
            if (onnxType(wire) == type) {
                return wire;
            }
        }
        throw new EngineException(Fault.SAMPLES_MISMATCH, "an engine has no inputs of type " + type);
    }

    static TensorProto.DataType onnxType(DataType type) {
        return switch (type) {
            case FP32 -> TensorProto.DataType.FLOAT;
            case FP64 -> TensorProto.DataType.DOUBLE;
            case FP16 -> TensorProto.DataType.FLOAT16;
            case BF16 -> TensorProto.DataType.BFLOAT16;
            case BYTES -> TensorProto.DataType.STRING;
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 ->
                TensorProto.DataType.valueOf(type.name());
        };
    }

    @Override
    public void close() {
        instance.close();
        model.close();
    }
}
