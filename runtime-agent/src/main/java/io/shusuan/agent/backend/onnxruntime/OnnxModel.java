package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.Signature;
import io.shusuan.agent.backend.Signature.TensorSpec;
import io.shusuan.agent.inference.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A loaded ONNX file. With one thread per instance all instances run on one session, which is safe for concurrent runs, and the
 * weights are in memory once. With more, each instance has a session and with it a thread pool of its own.
 */
final class OnnxModel implements BackendModel {
    private final OrtEnvironment environment;
    private final Threads threads;
    private final Devices devices;
    private final List<OrtSession> sessions;
    private final Signature signature;
    private final List<OutputPlan> outputs;

    private OnnxModel(
            OrtEnvironment environment,
            Threads threads,
            Devices devices,
            List<OrtSession> sessions,
            Signature signature,
            List<OutputPlan> outputs) {
        this.environment = environment;
        this.threads = threads;
        this.devices = devices;
        this.sessions = sessions;
        this.signature = signature;
        this.outputs = outputs;
    }

    static OnnxModel open(OrtEnvironment environment, Path file, Threads threads, Devices devices, ModelSource source)
            throws OrtException, LoadException {
        var sessions = new ArrayList<OrtSession>();
        try {
            int count = threads.intraOp() == 1 && devices.onProcessor() ? 1 : source.instances();
            for (int i = 0; i < count; i++) {
                try (var options = SessionSettings.options(source.config(), threads)) {
                    devices.apply(options, i);
                    sessions.add(environment.createSession(file.toString(), options));
                }
            }
            var first = sessions.getFirst();
            var inputs = first.getInputInfo().values();
            var outputs = first.getOutputInfo().values();
            var signature = new Signature(specs(inputs, "input", true), specs(outputs, "output", false));
            return new OnnxModel(
                    environment, threads, devices, sessions, signature, OutputPlan.of(inputs, signature, outputs));
        } catch (OrtException | LoadException | RuntimeException failed) {
            sessions.forEach(OnnxModel::close);
            throw failed;
        }
    }

    private static List<TensorSpec> specs(Collection<NodeInfo> nodes, String what, boolean created)
            throws LoadException {
        var specs = new ArrayList<TensorSpec>();
        for (var node : nodes) {
            if (!(node.getInfo() instanceof TensorInfo info)) {
                throw new LoadException(what + " '" + node.getName() + "' is not a tensor but "
                        + node.getInfo().getClass().getSimpleName()
                        + "; convert the model so that it has tensors only (for scikit-learn: option zipmap=False)");
            }
            var type = ElementTypes.of(info)
                    .orElseThrow(() -> new LoadException(what + " '" + node.getName() + "' has the type "
                            + info.onnxType + ", which the protocol cannot carry"));
            if (created && ElementTypes.creatable(type).isEmpty()) {
                throw new LoadException(
                        what + " '" + node.getName() + "' has the type " + type
                                + ", which ONNX Runtime's Java binding cannot pass to a model; cast from a signed type inside the model");
            }
            specs.add(new TensorSpec(node.getName(), type, Shape.of(info.getShape())));
        }
        return specs;
    }

    @Override
    public Optional<Signature> signature() {
        return Optional.of(signature);
    }

    @Override
    public String description() {
        return threads + devices.toString();
    }

    @Override
    public BackendInstance instance(int ordinal) {
        return new OnnxInstance(environment, sessions.get(ordinal % sessions.size()), outputs);
    }

    @Override
    public void close() {
        sessions.forEach(OnnxModel::close);
    }

    private static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException broken) {
            throw new IllegalStateException("an ONNX Runtime session could not be closed", broken);
        }
    }
}
