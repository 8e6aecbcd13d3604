package io.shusuan.agent.trace;

import io.shusuan.agent.inference.BatchRun;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One request that was chosen. It has two sides, the model's and the connection's, and ends when both have: a caller may leave while
 * the model runs. What one side wrote is read after the other has ended, too.
 */
public final class Trace {
    private static final int SIDES = 2;
    private static final int MOST_TENSORS = 16;

    private final long id;
    private final Protocol protocol;
    private final TraceSettings settings;
    private final @Nullable TraceParent parent;
    private final TraceWriter writer;
    private final long begun = System.nanoTime();
    private final List<TensorText> tensors = new ArrayList<>(0);
    private final AtomicInteger open = new AtomicInteger(SIDES);
    private @Nullable InferenceRequest request;
    private @Nullable ServingException failure;
    private long version;
    private long completed;
    private long sending;
    private long sent;

    Trace(long id, Protocol protocol, TraceSettings settings, @Nullable TraceParent parent, TraceWriter writer) {
        this.id = id;
        this.protocol = protocol;
        this.settings = settings;
        this.parent = parent;
        this.writer = writer;
    }

    /** The completion to give to the model in place of the caller's. */
    public Completion follow(InferenceRequest given, long modelVersion, Completion next) {
        request = given;
        version = modelVersion;
        show("TENSOR_QUEUE_INPUT", given.inputs());
        return new TracedCompletion(this, next);
    }

    void answered(List<Tensor> outputs) {
        if (completed == 0) {
            completed = System.nanoTime();
        }
        show("TENSOR_BACKEND_OUTPUT", outputs);
    }

    private void show(String activity, List<Tensor> shown) {
        if (settings.tensors()) {
            for (var tensor : shown) {
                if (tensors.size() < MOST_TENSORS) {
                    tensors.add(TensorText.of(activity, tensor));
                }
            }
        }
    }

    /** The model is done with the request. */
    void modelEnds(@Nullable ServingException why) {
        failure = why;
        sideEnds();
    }

    /** The request was refused before a model had it. */
    public void refused() {
        sideEnds();
    }

    /** The first byte of the answer is about to leave. */
    public void sending() {
        if (sending == 0) {
            sending = System.nanoTime();
        }
    }

    /** The answer has left, or the caller has. */
    public void sent() {
        sent = System.nanoTime();
        sideEnds();
    }

    private void sideEnds() {
        if (open.decrementAndGet() == 0) {
            writer.offer(this);
        }
    }

    long id() {
        return id;
    }

    TraceSettings settings() {
        return settings;
    }

    @Nullable
    TraceParent parent() {
        return parent;
    }

    List<TensorText> tensors() {
        return tensors;
    }

    /** Null when it was refused before it was read. */
    @Nullable
    InferenceRequest request() {
        return request;
    }

    @Nullable
    ServingException failure() {
        return failure;
    }

    @Nullable
    BatchRun run() {
        return request == null ? null : request.run();
    }

    long version() {
        return version;
    }

    long received() {
        return request == null ? begun : request.timing().received();
    }

    long ended() {
        return sent;
    }

    /** The moments of the connection's side. */
    List<Moment> connectionMoments() {
        var moments = new ArrayList<Moment>();
        moments.add(new Moment(protocol.receiving() + "_START", received()));
        moments.add(new Moment(protocol.receiving() + "_END", begun));
        if (completed != 0) {
            moments.add(new Moment("INFER_RESPONSE_COMPLETE", completed));
        }
        if (sending != 0) {
            moments.add(new Moment(protocol.sending() + "_START", sending));
            moments.add(new Moment(protocol.sending() + "_END", sent));
        }
        return moments;
    }

    /** The moments of the model's side, without those of the execution. */
    List<Moment> modelMoments(Timing timing) {
        var moments = new ArrayList<Moment>();
        moments.add(new Moment("REQUEST_START", begun));
        if (timing.wasQueued()) {
            moments.add(new Moment("QUEUE_START", timing.queuedAt()));
        }
        moments.add(new Moment("REQUEST_END", requestEnd(timing)));
        return moments;
    }

    long requestStart() {
        return begun;
    }

    long requestEnd(Timing timing) {
        return completed != 0 ? completed : timing.wasComputed() ? timing.computeEnd() : sent;
    }

    /** The moments of the execution; none when it never ran. */
    List<Moment> computeMoments(Timing timing) {
        return timing.wasComputed()
                ? List.of(
                        new Moment("COMPUTE_START", timing.computeStart()),
                        new Moment("COMPUTE_INPUT_END", timing.inputEnd()),
                        new Moment("COMPUTE_OUTPUT_START", timing.outputStart()),
                        new Moment("COMPUTE_END", timing.computeEnd()))
                : List.of();
    }
}
