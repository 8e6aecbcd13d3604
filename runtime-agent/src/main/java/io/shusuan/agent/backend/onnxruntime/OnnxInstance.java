package io.shusuan.agent.backend.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a session. Inputs are handed to the engine where they lie; outputs whose shape is known beforehand are written by the engine
 * into the response's own buffers. The native handles made here live for one run and are closed before it returns.
 */
final class OnnxInstance implements BackendInstance {
    private static final Logger log = System.getLogger(OnnxInstance.class.getName());

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<OutputPlan> plans;
    /** False once the engine produced a shape other than the one the file promises; then every output is copied. */
    private boolean pinning = true;

    private OrtSession.@Nullable RunOptions runOptions;
    private boolean stopped;

    OnnxInstance(OrtEnvironment environment, OrtSession session, List<OutputPlan> plans) {
        this.environment = environment;
        this.session = session;
        this.plans = plans;
    }

    @Override
    public List<Tensor> run(InferenceRequest request) {
        try (var inputs = new NativeTensors()) {
            for (var input : request.inputs()) {
                inputs.put(input.name(), TensorTransfer.toEngine(environment, input, inputs));
            }
            request.timing().inputsReady();
            request.whenCancelled(this::stop);
            if (pinning) {
                try {
                    return execute(request, inputs.byName(), true);
                } catch (OrtException unexpectedShape) {
                    if (request.isCancelled()) {
                        throw unexpectedShape;
                    }
                    var answer = execute(request, inputs.byName(), false);
                    pinning = false;
                    return answer;
                }
            }
            return execute(request, inputs.byName(), false);
        } catch (OrtException failed) {
            throw new ServingException(
                    Reason.BACKEND,
                    request.label() + "onnx runtime error " + failed.getCode() + ": " + failed.getMessage());
        } finally {
            request.beyondCancelling();
            goOn();
        }
    }

    private OrtSession.RunOptions runOptions() throws OrtException {
        var options = runOptions;
        if (options == null) {
            options = new OrtSession.RunOptions();
            runOptions = options;
        }
        return options;
    }

    /** Ends the run in progress. The request lets nobody in here once its run is over. */
    private void stop() {
        try {
            runOptions().setTerminate(true);
            stopped = true;
        } catch (OrtException refused) {
            log.log(Level.WARNING, "a run could not be stopped: {0}", refused.getMessage());
        }
    }

    private void goOn() {
        if (stopped) {
            stopped = false;
            try {
                runOptions().setTerminate(false);
            } catch (OrtException refused) {
                throw new IllegalStateException("an instance cannot be used again after its run was stopped", refused);
            }
        }
    }

    private List<Tensor> execute(InferenceRequest request, Map<String, OnnxTensor> inputs, boolean pin)
            throws OrtException {
        var requested = new LinkedHashSet<String>();
        var answers = new LinkedHashMap<String, Tensor>();
        boolean finished = false;
        try (var pinned = new NativeTensors()) {
            for (var plan : plans) {
                if (!request.outputs().isEmpty() && !request.outputs().contains(plan.name())) {
                    continue;
                }
                var shape = pin ? plan.shapeFor(request).orElse(null) : null;
                if (shape == null) {
                    requested.add(plan.name());
                    continue;
                }
                int size = TensorTransfer.checkedSize(plan.type(), shape);
                var tensor = new Tensor(plan.name(), plan.type(), shape, memoryFor(request, plan, size));
                answers.put(plan.name(), tensor);
                pinned.put(plan.name(), TensorTransfer.overBuffer(environment, tensor));
            }
            try (var result = session.run(inputs, requested, pinned.byName(), runOptions())) {
                request.timing().outputsReady();
                for (var name : requested) {
                    var value = result.get(name).orElseThrow();
                    answers.put(name, TensorTransfer.fromEngine(name, (OnnxTensor) value));
                }
            }
            finished = true;
        } finally {
            if (!finished) {
                answers.values().forEach(Tensor::release);
            }
        }
        var ordered = new ArrayList<Tensor>(answers.size());
        for (var plan : plans) {
            var answer = answers.get(plan.name());
            if (answer != null) {
                ordered.add(answer);
            }
        }
        return ordered;
    }

    /** Where the caller wants the output, or memory of the answer's own. It is full: the engine will have written all of it. */
    private static ByteBuf memoryFor(InferenceRequest request, OutputPlan plan, int size) {
        var place = request.place(plan.name(), size);
        if (place != null) {
            if (TensorTransfer.isUsable(place, plan.type())) {
                return place;
            }
            place.release();
        }
        return ByteBufAllocator.DEFAULT
                .directBuffer(Math.max(1, size), Math.max(1, size))
                .writerIndex(size);
    }

    @Override
    public void close() {
        // the session belongs to the model
        if (runOptions != null) {
            runOptions.close();
        }
    }
}
