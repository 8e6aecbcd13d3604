package io.shusuan.agent.trace;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One request that was chosen. It has two sides, the model's and the connection's, and ends when both have: a caller may leave while
 * the model runs. What one side wrote is read after the other has ended, too.
 */
public final class Trace {
    private static final int SIDES = 2;

    private final long id;
    private final Protocol protocol;
    private final TraceSettings settings;
    private final @Nullable TraceParent parent;
    private final TraceWriter writer;
    private final LongSupplier ids;
    private final long begun = System.nanoTime();
    private final AtomicInteger open = new AtomicInteger(SIDES);
    private @Nullable ModelTrace model;
    private long sending;
    private long sent;

    /** @param ids numbers for the steps that a request to an ensemble becomes */
    Trace(
            long id,
            Protocol protocol,
            TraceSettings settings,
            @Nullable TraceParent parent,
            TraceWriter writer,
            LongSupplier ids) {
        this.id = id;
        this.protocol = protocol;
        this.settings = settings;
        this.parent = parent;
        this.writer = writer;
        this.ids = ids;
    }

    /** The completion to give to the model in place of the caller's. */
    public Completion follow(InferenceRequest given, long modelVersion, Completion next) {
        var asked = new ModelTrace(id, 0, given, modelVersion, begun, settings.tensors(), ids);
        model = asked;
        return new TracedCompletion(asked, this::sideEnds, next);
    }

    /** The request was refused before a model had it. */
    public void refused() {
        if (model != null) {
            model.ends(null);
        }
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

    /** Null when it was refused before it was read. */
    @Nullable
    ModelTrace model() {
        return model;
    }

    long received() {
        return model == null ? begun : model.request().timing().received();
    }

    long ended() {
        return sent;
    }

    /** The moments of the connection's side. */
    List<Moment> connectionMoments() {
        var moments = new ArrayList<Moment>();
        moments.add(new Moment(protocol.receiving() + "_START", received()));
        moments.add(new Moment(protocol.receiving() + "_END", begun));
        if (model != null && model.firstAnswer() != 0) {
            moments.add(new Moment("INFER_RESPONSE_COMPLETE", model.firstAnswer()));
        }
        if (sending != 0) {
            moments.add(new Moment(protocol.sending() + "_START", sending));
            moments.add(new Moment(protocol.sending() + "_END", sent));
        }
        return moments;
    }
}
