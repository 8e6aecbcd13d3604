package io.shusuan.agent.trace;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one model did with one request of a trace. An ensemble's has those of its steps below it, and theirs, where they are ensembles. It
 * is written by one thread at a time until the model is done with the request, and read after that; steps may begin at the same time.
 */
final class ModelTrace {
    private static final int MOST_TENSORS = 16;

    private final long id;
    private final long parent;
    private final InferenceRequest request;
    private final long begun;
    private final LongSupplier ids;
    private final boolean showsTensors;
    private final List<TensorText> tensors = new ArrayList<>(0);
    private final List<ModelTrace> steps = new CopyOnWriteArrayList<>();
    private @Nullable ServingException failure;
    private long version;
    private long firstAnswer;
    private volatile long end;

    /**
     * @param parent the id of the ensemble's; 0 for none
     * @param version 0 until the answer says which one it was
     */
    ModelTrace(
            long id,
            long parent,
            InferenceRequest request,
            long version,
            long begun,
            boolean showsTensors,
            LongSupplier ids) {
        this.id = id;
        this.parent = parent;
        this.request = request;
        this.version = version;
        this.begun = begun;
        this.showsTensors = showsTensors;
        this.ids = ids;
        show("TENSOR_QUEUE_INPUT", request.inputs());
        request.followSteps(this::step);
    }

    private Completion step(InferenceRequest step, Completion next) {
        var trace = new ModelTrace(ids.getAsLong(), id, step, step.version(), System.nanoTime(), showsTensors, ids);
        steps.add(trace);
        return new TracedCompletion(trace, () -> {}, next);
    }

    void answered(long answeredBy, List<Tensor> outputs) {
        version = answeredBy;
        if (firstAnswer == 0) {
            firstAnswer = System.nanoTime();
        }
        show("TENSOR_BACKEND_OUTPUT", outputs);
    }

    /** The model is done with the request. */
    void ends(@Nullable ServingException why) {
        failure = why;
        end = System.nanoTime();
    }

    private void show(String activity, List<Tensor> shown) {
        if (showsTensors) {
            for (var tensor : shown) {
                if (tensors.size() < MOST_TENSORS) {
                    tensors.add(TensorText.of(activity, tensor));
                }
            }
        }
    }

    long id() {
        return id;
    }

    long parent() {
        return parent;
    }

    InferenceRequest request() {
        return request;
    }

    long version() {
        return version;
    }

    List<TensorText> tensors() {
        return tensors;
    }

    @Nullable
    ServingException failure() {
        return failure;
    }

    /** The steps that have ended: one that was cancelled with its ensemble may still run. */
    List<ModelTrace> steps() {
        return steps.stream().filter(step -> step.end != 0).toList();
    }

    /** 0 when there was none. */
    long firstAnswer() {
        return firstAnswer;
    }

    long begin() {
        return begun;
    }

    long end() {
        return end;
    }

    /** The moments without those of the execution. */
    List<Moment> moments() {
        var moments = new ArrayList<Moment>();
        moments.add(new Moment("REQUEST_START", begun));
        if (request.timing().wasQueued()) {
            moments.add(new Moment("QUEUE_START", request.timing().queuedAt()));
        }
        moments.add(new Moment("REQUEST_END", end()));
        return moments;
    }

    /** The moments of the execution; none when it never ran. */
    List<Moment> computeMoments() {
        var timing = request.timing();
        return timing.wasComputed()
                ? List.of(
                        new Moment("COMPUTE_START", timing.computeStart()),
                        new Moment("COMPUTE_INPUT_END", timing.inputEnd()),
                        new Moment("COMPUTE_OUTPUT_START", timing.outputStart()),
                        new Moment("COMPUTE_END", timing.computeEnd()))
                : List.of();
    }
}
