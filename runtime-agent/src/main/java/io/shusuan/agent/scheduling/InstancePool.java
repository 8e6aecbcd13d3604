package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.ModelStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private final List<InstanceThread> threads = new ArrayList<>();

    /** Takes the instances over: each is closed by its own thread after the last request. */
    public InstancePool(
            ModelConfig config,
            ModelInterface model,
            long version,
            List<BackendInstance> instances,
            ModelStatistics statistics,
            SchedulerSettings settings) {
        this.label = model.model() + ":" + version;
        this.model = model;
        this.levels = QueueLevels.of(config);
        this.queue = new RequestQueue(levels, BatchPolicy.of(config), Compatibility.of(model), settings);
        this.settings = settings;
        this.statistics = statistics;
        this.order = config.getDynamicBatching().getPreserveOrdering() ? new ResponseOrder() : null;
        this.deadlines = levels.mayRefuseLate() ? new Deadlines(label, queue) : null;
        var tensors = new BatchTensors(Reshape.of(config), model.maxBatchSize() > 0);
        for (int i = 0; i < instances.size(); i++) {
            var name = label + "#" + i;
            var instance = instances.get(i);
            var execution =
                    new Execution(name, version, model.decoupled(), tensors, instance, statistics, settings.clock());
            var thread = new InstanceThread(name, queue, instance, execution);
            threads.add(thread);
            thread.start();
        }
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
                waiting.fail(Execution.cancelled(request));
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
            case CANCELLED -> throw refused(request, Execution.cancelled(request));
            case TOO_MANY ->
                throw refused(
                        request,
                        ServingException.unavailable(request.label() + "Exceeds maximum queue size of " + label + ": "
                                + queue.size() + " requests are waiting and no more may; try again later"));
            case TOO_MANY_BYTES ->
                throw refused(
                        request,
                        ServingException.unavailable(request.label()
                                + "Exceeds the memory for waiting requests: all models' queues together hold at most "
                                + settings.bytes().limit() + " bytes; try again later"));
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
        long end = System.nanoTime() + deadline.toNanos();
        for (var thread : threads) {
            long left = end - System.nanoTime();
            if (!thread.join(Duration.ofNanos(Math.max(1, left)))) {
                return false;
            }
        }
        if (deadlines != null) {
            deadlines.close();
        }
        return true;
    }
}
