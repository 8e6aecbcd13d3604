package io.shusuan.agent.engine.session;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** A model open in ONNX Runtime. Not for several threads. */
public final class Session implements RunnableModel, AutoCloseable {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<TensorType> inputs;
    private final List<TensorType> outputs;

    private Session(OrtEnvironment environment, OrtSession session) throws OrtException {
        this.environment = environment;
        this.session = session;
        this.inputs = tensors(session.getInputInfo());
        this.outputs = tensors(session.getOutputInfo());
    }

    /** @throws EngineException with the engine's own words when it does not take the model */
    public static Session open(ModelProto model, SessionSettings settings) throws EngineException {
        var environment = Library.environment();
        try (var options = settings.options()) {
            return adopt(environment, environment.createSession(model.toByteArray(), options));
        } catch (OrtException refused) {
            throw refused(refused);
        }
    }

    /** The same from a file, whose weights stay out of Java's memory. */
    public static Session open(Path file, SessionSettings settings) throws EngineException {
        var environment = Library.environment();
        try (var options = settings.options()) {
            return adopt(environment, environment.createSession(file.toString(), options));
        } catch (OrtException refused) {
            throw refused(refused);
        }
    }

    private static Session adopt(OrtEnvironment environment, OrtSession opened) throws OrtException {
        try {
            return new Session(environment, opened);
        } catch (OrtException | RuntimeException failed) {
            opened.close();
            throw failed;
        }
    }

    private static EngineException refused(OrtException refused) {
        return new EngineException(
                Fault.ENGINE_REFUSED, "ONNX Runtime refuses the model: " + refused.getMessage(), refused);
    }

    /** Those that are tensors; a sequence or a map among outputs is left alone. */
    private static List<TensorType> tensors(Map<String, NodeInfo> nodes) {
        var types = new ArrayList<TensorType>();
        nodes.forEach((name, node) -> {
            if (node.getInfo() instanceof TensorInfo info) {
                types.add(TensorType.of(name, info));
            }
        });
        return List.copyOf(types);
    }

    public List<TensorType> inputs() {
        return inputs;
    }

    public List<TensorType> outputs() {
        return outputs;
    }

    /** Puts inputs where the engine reads them, to be run with any number of times. */
    public Feed feed(Map<String, Value> values) throws EngineException {
        var tensors = new HashMap<String, OnnxTensor>();
        try {
            for (var input : values.entrySet()) {
                tensors.put(input.getKey(), tensor(input.getValue()));
            }
            return new Feed(tensors);
        } catch (OrtException refused) {
            tensors.values().forEach(OnnxTensor::close);
            throw failed(refused);
        }
    }

    private OnnxTensor tensor(Value value) throws OrtException {
        if (value.type() == DataType.STRING) {
            return OnnxTensor.createTensor(environment, value.texts(), value.shape());
        }
        var direct = value.data().duplicate().order(ByteOrder.nativeOrder()).rewind();
        return OnnxTensor.createTensor(environment, direct, value.shape(), TensorType.javaType(value.type()));
    }

    @Override
    public Map<String, Value> run(Map<String, Value> values) throws EngineException {
        try (var feed = feed(values)) {
            return run(feed, names(outputs));
        }
    }

    /** The named outputs of one run. */
    public Map<String, Value> run(Feed feed, Set<String> wanted) throws EngineException {
        try (var result = session.run(feed.tensors(), wanted)) {
            var values = new LinkedHashMap<String, Value>();
            for (var entry : result) {
                if (entry.getValue() instanceof OnnxTensor tensor && tensor.getInfo().type != OnnxJavaType.STRING) {
                    values.put(entry.getKey(), copy(tensor));
                }
            }
            return values;
        } catch (OrtException failed) {
            throw failed(failed);
        }
    }

    @Override
    public BareRun bare(Map<String, Value> inputs) throws EngineException {
        var feed = feed(inputs);
        return new BareRun() {
            @Override
            public void run() throws EngineException {
                runBare(feed);
            }

            @Override
            public void close() {
                feed.close();
            }
        };
    }

    private void runBare(Feed feed) throws EngineException {
        try (var result = session.run(feed.tensors())) {
            Objects.requireNonNull(result);
        } catch (OrtException failed) {
            throw failed(failed);
        }
    }

    private static Value copy(OnnxTensor tensor) {
        var info = tensor.getInfo();
        var bytes = tensor.getByteBuffer();
        var copy = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
        copy.put(bytes).flip();
        return new Value(TensorType.elementType(info), info.getShape(), copy);
    }

    private static EngineException failed(OrtException failed) {
        return new EngineException(
                Fault.ENGINE_REFUSED, "ONNX Runtime fails to run the model: " + failed.getMessage(), failed);
    }

    public static Set<String> names(List<TensorType> types) {
        return types.stream().map(TensorType::name).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Ends the profile and tells where it is. */
    public Path endProfile() throws EngineException {
        try {
            return Path.of(session.endProfiling());
        } catch (OrtException failed) {
            throw failed(failed);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException broken) {
            throw new IllegalStateException("an ONNX Runtime session could not be closed", broken);
        }
    }
}
