package io.shusuan.agent.inference;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of a model. It owns its input tensors, and the places where outputs are wanted, until {@link #close()}, which whoever owns
 * the request calls exactly once.
 * {@code version} is zero for "the newest that is ready", {@code outputs} is empty for "all".
 */
public final class InferenceRequest implements AutoCloseable {
    private final String model;
    private final long version;
    private final String id;
    private final List<Tensor> inputs;
    private final List<String> outputs;
    private RequestParameters parameters;
    private final Timing timing;
    private volatile boolean cancelled;
    private Runnable whenCancelled = () -> {};
    private Map<String, ByteBuf> places = Map.of();
    private StepFollower steps = StepFollower.NOBODY;
    private @Nullable String queue;
    private @Nullable BatchRun run;
    private boolean closed;

    public InferenceRequest(
            String model,
            long version,
            String id,
            List<Tensor> inputs,
            List<String> outputs,
            RequestParameters parameters,
            Timing timing) {
        this.model = model;
        this.version = version;
        this.id = id;
        this.inputs = List.copyOf(inputs);
        this.outputs = List.copyOf(outputs);
        this.parameters = parameters;
        this.timing = timing;
    }

    public String model() {
        return model;
    }

    public long version() {
        return version;
    }

    public String id() {
        return id;
    }

    public List<Tensor> inputs() {
        return inputs;
    }

    public List<String> outputs() {
        return outputs;
    }

    public RequestParameters parameters() {
        return parameters;
    }

    /** Says which step of a sequence this is, whatever the caller said of it. */
    public void takesStep(SequenceStep step) {
        parameters = new RequestParameters(
                Optional.of(step), parameters.priority(), parameters.timeoutMicros(), parameters.others());
    }

    public Timing timing() {
        return timing;
    }

    /** Says in which memory of the caller's outputs are wanted, by their names. The references are taken over. */
    public void wantsOutputsIn(Map<String, ByteBuf> memory) {
        places = Map.copyOf(memory);
    }

    /** Where outputs are wanted, by their names; empty for outputs wherever they come to lie. The buffers are the request's. */
    public Map<String, ByteBuf> places() {
        return places;
    }

    /**
     * The first bytes of the place of an output; the caller owns the reference. Null when there is none, none so large, or none that the host
     * can write to.
     */
    public @Nullable ByteBuf place(String output, int bytes) {
        var place = places.get(output);
        return place == null || place instanceof DeviceBuffer || place.capacity() < bytes
                ? null
                : place.retainedSlice(0, bytes);
    }

    /** Has all outputs made in memory of the server's, because they are to outlive the answer. */
    public void forgetPlaces() {
        places.values().forEach(ByteBuf::release);
        places = Map.of();
    }

    /** Says who is to hear of the steps, should the model be an ensemble. */
    public void followSteps(StepFollower follower) {
        steps = follower;
    }

    public StepFollower steps() {
        return steps;
    }

    /** The request begins to wait in a queue. */
    public void waitsIn(String name) {
        timing.queued();
        queue = name;
    }

    /** Where it waited last; null before it does. */
    public @Nullable String queue() {
        return queue;
    }

    /** The request is part of an execution. */
    public void runsIn(BatchRun execution) {
        run = execution;
    }

    /** The execution it was part of; null before it runs. */
    public @Nullable BatchRun run() {
        return run;
    }

    /** How the protocol's messages begin when they speak of one request. */
    public String label() {
        return "[request id: " + (id.isEmpty() ? "<id_unknown>" : id) + "] ";
    }

    /** The bytes of all inputs: what a waiting request keeps occupied. */
    public long byteSize() {
        long bytes = 0;
        for (var input : inputs) {
            bytes += input.data().readableBytes();
        }
        return bytes;
    }

    /** Says that nobody waits for the answer any more: a request that waits leaves its queue, one that runs is told to stop. */
    public synchronized void cancel() {
        if (!cancelled) {
            cancelled = true;
            whenCancelled.run();
        }
    }

    public boolean isCancelled() {
        return cancelled;
    }

    /**
     * Says what else a cancellation must reach; whoever owns the request sets it, and the newest action alone counts. It runs at once
     * when the request is cancelled already. When this returns, an earlier action neither runs nor will. The action may run on any
     * thread and must not wait.
     */
    public synchronized void whenCancelled(Runnable action) {
        whenCancelled = action;
        if (cancelled) {
            action.run();
        }
    }

    /** Forgets the action of {@link #whenCancelled}; when this returns it neither runs nor will. */
    public synchronized void beyondCancelling() {
        whenCancelled = () -> {};
    }

    /** Releases the inputs and the places. Calling it twice would free a buffer somebody else holds, so a second call is an error. */
    @Override
    public void close() {
        if (closed) {
            throw new IllegalStateException("inference request closed twice");
        }
        closed = true;
        inputs.forEach(Tensor::release);
        forgetPlaces();
    }
}
