package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.BackendModel;
import io.shusuan.agent.backend.GpuMemory;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.backend.ModelSource;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.Signature;
import io.shusuan.agent.backend.Signature.TensorSpec;
import io.shusuan.agent.backend.gpu.Gpus;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A loaded ONNX file. With one thread per instance all instances run on one session, which is safe for concurrent runs, and the
 * weights are in memory once. With more, each instance has a session and with it a thread pool of its own.
 */
final class OnnxModel implements BackendModel {
    private final OnnxRuntime engine;
    private final Threads threads;
    private final Devices devices;
    private final List<NativeHandle> sessions;
    private final SessionGpus gpus;
    private final List<ModelTensor> inputs;
    private final List<ModelTensor> outputs;
    private final List<OutputPlan> plans;

    private OnnxModel(
            OnnxRuntime engine,
            Threads threads,
            Devices devices,
            List<NativeHandle> sessions,
            SessionGpus gpus,
            List<ModelTensor> inputs,
            List<ModelTensor> outputs) {
        this.engine = engine;
        this.threads = threads;
        this.devices = devices;
        this.sessions = sessions;
        this.gpus = gpus;
        this.inputs = inputs;
        this.outputs = outputs;
        this.plans = OutputPlan.of(inputs, outputs);
    }

    static OnnxModel open(
            OnnxRuntime engine,
            Path file,
            Threads threads,
            Devices devices,
            ModelSource source,
            Gpus all,
            CudaMemory cuda)
            throws LoadException {
        var gpus = SessionGpus.take(devices, file, source, all, cuda);
        var sessions = new ArrayList<NativeHandle>();
        boolean opened = false;
        try {
            int count = threads.intraOp() == 1 && devices.onProcessor() ? 1 : source.instances();
            for (int i = 0; i < count; i++) {
                int instance = i;
                try (var options = SessionSettings.options(engine, source.config(), threads)) {
                    devices.apply(engine, options, i, gpus.weights());
                    sessions.add(engine.session(file.toString(), options, () -> gpus.giveBack(instance)));
                } catch (OrtRefusal refused) {
                    gpus.failed(i, refused);
                    throw refused;
                }
            }
            long first = sessions.getFirst().address();
            var model = new OnnxModel(
                    engine,
                    threads,
                    devices,
                    sessions,
                    gpus,
                    ModelTensor.inputs(engine, first),
                    ModelTensor.outputs(engine, first));
            opened = true;
            return model;
        } finally {
            if (!opened) {
                sessions.forEach(NativeHandle::close);
                gpus.giveBackAll();
            }
        }
    }

    @Override
    public Optional<Signature> signature() {
        return Optional.of(new Signature(specs(inputs), specs(outputs)));
    }

    private static List<TensorSpec> specs(List<ModelTensor> tensors) {
        return tensors.stream()
                .map(tensor -> new TensorSpec(tensor.name(), tensor.type(), tensor.shape()))
                .toList();
    }

    @Override
    public String description() {
        return threads + devices.toString();
    }

    @Override
    public BackendInstance instance(int ordinal) throws LoadException {
        try {
            return new OnnxInstance(engine, sessions.get(ordinal % sessions.size()), gpus, ordinal, inputs, plans);
        } catch (OrtRefusal refused) {
            throw new LoadException("ONNX Runtime cannot make instance " + ordinal + ": " + refused.said(), refused);
        }
    }

    @Override
    public Optional<String> failure() {
        return gpus.allLost();
    }

    @Override
    public List<GpuMemory> gpuMemory() {
        return gpus.memory();
    }

    @Override
    public void close() {
        sessions.forEach(NativeHandle::close);
    }
}
