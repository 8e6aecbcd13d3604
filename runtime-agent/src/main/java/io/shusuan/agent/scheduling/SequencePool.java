package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.SequenceStep;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.ModelStatistics;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The instances of one model version behind the sequences they serve. */
public final class SequencePool implements Scheduler {
    private static final long MAX_LOOK_MILLIS = 100;
    private static final long LONGEST_IDLE_MICROS = TimeUnit.DAYS.toMicros(365);
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final String label;
    private final ModelInterface model;
    private final SequenceQueue queue;
    private final SequenceIds ids;
    private final ModelStatistics statistics;
    private final @Nullable ResponseOrder order;
    private final ScheduledThreadPoolExecutor idle;
    private final InstanceThreads threads;
    private final boolean iterative;
    private final AtomicLong idsMade = new AtomicLong();
    private volatile @Nullable SequencePool previous;
    private volatile boolean succeeded;
    private volatile boolean serverEnds;

    /** Takes the instances over: each is closed by its own thread after the last request. */
    public SequencePool(
            ModelConfig config,
            ModelInterface model,
            ModelInstances made,
            ModelStatistics statistics,
            SchedulerSettings settings) {
        this.label = model.model() + ":" + made.version();
        this.model = model;
        this.ids = SequenceIds.of(config);
        this.statistics = statistics;
        this.iterative = config.getSequenceBatching().getIterativeSequence();
        this.order = config.getSequenceBatching().getOldest().getPreserveOrdering() ? new ResponseOrder() : null;
        this.queue = new SequenceQueue(
                label,
                SequencePolicy.of(config, Compatibility.of(model, Set.of())),
                iterative,
                made.instances().size(),
                settings);
        this.idle = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name(label + " idle sequences").factory());
        this.threads = InstanceThreads.start(config, model, made, queue.instances()::get, statistics, settings);
        watch(config.getSequenceBatching().getMaxSequenceIdleMicroseconds());
    }

    private void watch(long configuredMicros) {
        // it is an unsigned number
        long idleMicros = configuredMicros < 0 ? LONGEST_IDLE_MICROS : Math.min(configuredMicros, LONGEST_IDLE_MICROS);
        long look = Math.clamp(idleMicros / 4, 1000, TimeUnit.MILLISECONDS.toMicros(MAX_LOOK_MILLIS));
        long idleNanos = TimeUnit.MICROSECONDS.toNanos(idleMicros);
        var _ = idle.scheduleWithFixedDelay(
                () -> {
                    long now = System.nanoTime();
                    queue.expire(now - idleNanos, now).forEach(late -> late.fail(SequenceQueue.expired()));
                },
                look,
                look,
                TimeUnit.MICROSECONDS);
    }

    @Override
    public void takePlaceOf(Scheduler before) {
        if (before instanceof SequencePool pool) {
            previous = pool;
            pool.succeeded = true;
        }
    }

    @Override
    public boolean submit(InferenceRequest request, Completion completion) {
        try {
            if (model.batchSize(request) > 1) {
                throw ServingException.invalid("inference request to model '" + request.model()
                        + "' must specify batch-size 1 due to requirements of sequence batcher");
            }
            if (iterative) {
                beginIteration(request);
            }
            ids.check(request);
            return switch (offer(request, completion)) {
                case ACCEPTED -> true;
                case CLOSED -> false;
                case UNKNOWN -> continueBefore(request, completion);
            };
        } catch (ServingException refused) {
            statistics.failed(refused.reason(), request.timing());
            throw refused;
        }
    }

    /** One request is the whole sequence: what the caller says of a start and an end means nothing. */
    private void beginIteration(InferenceRequest request) {
        var id = request.parameters()
                .sequence()
                .map(SequenceStep::id)
                .orElseGet(() -> ids.made(idsMade.getAndIncrement()));
        request.takesStep(new SequenceStep(id, true, false));
    }

    /** A sequence that began with the version before ends with it. */
    private boolean continueBefore(InferenceRequest request, Completion completion) {
        var before = previous;
        if (before != null && before.offer(request, completion) == SequenceQueue.Offer.ACCEPTED) {
            return true;
        }
        throw ServingException.invalid("inference request for sequence "
                + request.parameters().sequence().orElseThrow().id() + " to model '" + request.model()
                + "' must specify the START flag on the first request of the sequence");
    }

    private SequenceQueue.Offer offer(InferenceRequest request, Completion completion) {
        request.waitsIn(label);
        var place = order == null ? null : order.join(completion);
        var waiting = waiting(request, new Counted(place == null ? completion : place, statistics, request.timing()));
        // before the offer: from then on the action belongs to the instance that takes the request
        request.whenCancelled(
                () -> queue.cancel(waiting).forEach(gone -> gone.fail(Refusals.cancelled(gone.request()))));
        boolean accepted = false;
        try {
            var outcome = queue.offer(waiting);
            accepted = outcome == SequenceQueue.Offer.ACCEPTED;
            return outcome;
        } finally {
            if (!accepted && place != null) {
                place.abandon();
            }
        }
    }

    /** The caller's timeout counts while the sequence waits for a slot. */
    private static Waiting waiting(InferenceRequest request, Completion completion) {
        long now = System.nanoTime();
        long timeout = request.parameters().timeoutMicros();
        long deadline = now + TimeUnit.MICROSECONDS.toNanos(Math.min(timeout, TimeUnit.DAYS.toMicros(365)));
        return new Waiting(
                request, completion, 1, request.byteSize(), now, timeout == 0 ? 0 : deadline == 0 ? 1 : deadline);
    }

    @Override
    public int pending() {
        return queue.size();
    }

    @Override
    public void hurry() {
        serverEnds = true;
        queue.hurry();
    }

    @Override
    public void close() {
        previous = null;
        if (succeeded && !serverEnds) {
            queue.end();
        } else {
            queue.close();
        }
    }

    @Override
    public boolean awaitClosed(Duration deadline) throws InterruptedException {
        boolean ended = threads.join(deadline);
        if (!ended && succeeded) {
            // the sequences that have not ended by now never may
            queue.close();
            ended = threads.join(GRACE);
        }
        if (ended) {
            idle.shutdown();
        }
        return ended;
    }
}
