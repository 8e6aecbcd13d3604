package io.shusuan.agent.backend.onnxruntime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a session. Inputs are handed to the engine where they lie; outputs whose shape is known beforehand are written by the engine
 * into the response's own buffers. The engine's tensors live for one run and are freed before it returns.
 */
final class OnnxInstance implements BackendInstance {
    private static final Logger log = System.getLogger(OnnxInstance.class.getName());

    private final OrtApi api;
    private final List<OutputPlan> plans;
    private final NativeHandle runOptions;
    /** The session belongs to the model; it stays while this uses it. */
    private final NativeHandle.Use session;

    private final SessionGpus gpus;
    private final int ordinal;

    private final RunMemory memory;
    private final Runnable stop = this::stop;
    /** False once the engine produced a shape other than the one the file promises; then every output is copied. */
    private boolean pinning = true;

    private boolean stopped;

    OnnxInstance(
            OnnxRuntime engine,
            NativeHandle session,
            SessionGpus gpus,
            int ordinal,
            List<ModelTensor> inputs,
            List<OutputPlan> plans) {
        this.gpus = gpus;
        this.ordinal = ordinal;
        this.api = engine.api();
        this.plans = plans;
        this.runOptions = engine.runOptions();
        this.session = session.use();
        this.memory = new RunMemory(engine, inputs, plans);
    }

    @Override
    public boolean isLost() {
        return gpus.lost(ordinal).isPresent();
    }

    @Override
    public List<Tensor> run(InferenceRequest request) {
        gpus.check(ordinal);
        try {
            for (var input : request.inputs()) {
                TensorTransfer.toEngine(input, memory);
            }
            memory.noMoreInputs();
            request.timing().inputsReady();
            request.whenCancelled(stop);
            return answer(request);
        } catch (OrtRefusal failed) {
            gpus.failed(ordinal, failed);
            throw gpus.lost(ordinal)
                    .map(why -> new ServingException(Reason.UNAVAILABLE, why))
                    .orElseGet(() -> new ServingException(Reason.BACKEND, request.label() + failed.getMessage()));
        } finally {
            request.beyondCancelling();
            memory.clear();
            goOn();
        }
    }

    private List<Tensor> answer(InferenceRequest request) {
        if (pinning) {
            try {
                return execute(request, true);
            } catch (OrtRefusal unexpectedShape) {
                gpus.failed(ordinal, unexpectedShape);
                if (request.isCancelled() || isLost()) {
                    throw unexpectedShape;
                }
                var answer = execute(request, false);
                pinning = false;
                return answer;
            }
        }
        return execute(request, false);
    }

    /** Ends the run in progress. The request lets nobody in here once its run is over. */
    private void stop() {
        try {
            api.call(OrtFunction.RUN_OPTIONS_SET_TERMINATE, runOptions.address());
            stopped = true;
        } catch (OrtRefusal refused) {
            log.log(Level.WARNING, "a run could not be stopped: {0}", refused.said());
        }
    }

    private void goOn() {
        if (stopped) {
            stopped = false;
            api.call(OrtFunction.RUN_OPTIONS_UNSET_TERMINATE, runOptions.address());
        }
    }

    private List<Tensor> execute(InferenceRequest request, boolean pin) {
        var asked = asked(request);
        var answers = new @Nullable Tensor[asked.size()];
        boolean finished = false;
        try {
            for (int i = 0; i < answers.length; i++) {
                var plan = asked.get(i);
                memory.nextOutput(plan.name());
                var shape = pin ? plan.shapeFor(request).orElse(null) : null;
                if (shape != null) {
                    int size = TensorTransfer.checkedSize(plan.type(), shape);
                    var data = memoryFor(request, plan, size);
                    answers[i] = new Tensor(plan.name(), plan.type(), shape, data);
                    memory.outputOver(plan.type(), shape, TensorTransfer.address(data), size);
                }
            }
            memory.run(session.address(), runOptions.address());
            request.timing().outputsReady();
            var tensors = new ArrayList<Tensor>(answers.length);
            for (int i = 0; i < answers.length; i++) {
                var answer = answers[i];
                if (answer == null) {
                    answer = TensorTransfer.fromEngine(asked.get(i).name(), memory.output(i), memory);
                    answers[i] = answer;
                }
                tensors.add(answer);
            }
            finished = true;
            return tensors;
        } finally {
            memory.clearOutputs();
            if (!finished) {
                release(answers);
            }
        }
    }

    private List<OutputPlan> asked(InferenceRequest request) {
        return request.outputs().isEmpty()
                ? plans
                : plans.stream()
                        .filter(plan -> request.outputs().contains(plan.name()))
                        .toList();
    }

    private static void release(@Nullable Tensor[] answers) {
        for (var answer : answers) {
            if (answer != null) {
                answer.release();
            }
        }
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
        memory.close();
        runOptions.close();
        session.close();
    }
}
