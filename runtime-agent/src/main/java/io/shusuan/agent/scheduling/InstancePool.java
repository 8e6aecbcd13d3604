package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.ModelStatistics;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one model version behind one queue. Native inference does not let go of its carrier, so every instance has a
 * platform thread of its own.
 */
public final class InstancePool implements Scheduler {
    private final String label;
    private final ModelInterface model;
    private final RequestQueue queue;
    private final QueueLevels levels;
    private final SchedulerSettings settings;
    private final ModelStatistics statistics;
    private final @Nullable ResponseOrder order;
    private final @Nullable Deadlines deadlines;
    private final InstanceThreads threads;

    /** Takes the instances over: each is closed by its own thread after the last request. */
    public InstancePool(
            ModelConfig config,
            ModelInterface model,
            ModelInstances made,
            ModelStatistics statistics,
            SchedulerSettings settings) {
        this.label = model.model() + ":" + made.version();
        this.model = model;
        this.levels = QueueLevels.of(config);
        this.queue = new RequestQueue(
                levels, BatchPolicy.of(config), Compatibility.of(model, RaggedTensors.inputs(config)), settings);
        this.settings = settings;
        this.statistics = statistics;
        this.order = config.getDynamicBatching().getPreserveOrdering() ? new ResponseOrder() : null;
        this.deadlines = levels.mayRefuseLate() ? new Deadlines(label, queue) : null;
        this.threads = InstanceThreads.start(config, model, made, _ -> queue, statistics, settings);
    }

    @Override
    public boolean submit(InferenceRequest request, Completion completion) {
        levels.check(request);
        request.waitsIn(label);
        var place = order == null ? null : order.join(completion);
        var waiting = waiting(request, new Counted(place == null ? completion : place, statistics, request.timing()));
        boolean accepted = false;
        try {
            accepted = offer(waiting);
            return accepted;
        } finally {
            if (!accepted && place != null) {
                place.abandon();
            }
        }
    }

    private Waiting waiting(InferenceRequest request, Completion completion) {
        long now = System.nanoTime();
        return new Waiting(
                request,
                completion,
                model.batchSize(request),
                request.byteSize(),
                now,
                levels.of(request).policy().deadline(request.parameters(), now));
    }

    private boolean offer(Waiting waiting) {
        var request = waiting.request();
        // before the offer: from then on the action belongs to the instance that takes the request
        request.whenCancelled(() -> {
            if (queue.withdraw(waiting)) {
                waiting.fail(Refusals.cancelled(request));
            }
        });
        return switch (queue.offer(waiting)) {
            case ACCEPTED -> {
                if (deadlines != null) {
                    deadlines.watch(waiting);
                }
                yield true;
            }
            case CLOSED -> false;
            case CANCELLED -> throw refused(request, Refusals.cancelled(request));
            case TOO_MANY -> throw refused(request, Refusals.tooMany(request, label, queue.size()));
            case TOO_MANY_BYTES -> throw refused(request, Refusals.tooManyBytes(request, settings.bytes()));
        };
    }

    private ServingException refused(InferenceRequest request, ServingException refusal) {
        statistics.failed(refusal.reason(), request.timing());
        return refusal;
    }

    @Override
    public int pending() {
        return queue.size();
    }

    @Override
    public void hurry() {
        queue.hurry();
    }

    @Override
    public void close() {
        queue.close();
    }

    @Override
    public boolean awaitClosed(Duration deadline) throws InterruptedException {
        if (!threads.join(deadline)) {
            return false;
        }
        if (deadlines != null) {
            deadlines.close();
        }
        return true;
    }
}
