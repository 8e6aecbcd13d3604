package io.shusuan.agent.scheduling.ensemble;

import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.ModelInterface.Port;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.metrics.Departure;
import io.shusuan.agent.metrics.ModelStatistics;
import io.shusuan.agent.scheduling.Scheduler;
import io.shusuan.agent.scheduling.SchedulerSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An ensemble's side towards its callers: it counts the requests on their way, so that there are never more than may wait for a model,
 * and so that a version that goes away is gone only after its last one. What waits, waits in the members' own queues.
 */
public final class EnsembleScheduler implements Scheduler {
    /** How many answers of a decoupled member are on their way at a time, where {@code max_inflight_requests} says nothing. */
    private static final int MOST_PARTS = 16;

    private final String label;
    private final long version;
    private final ModelInterface model;
    private final Plan whole;
    private final List<String> inputs;
    private final int mostParts;
    private final Members members;
    private final ModelStatistics statistics;
    private final SchedulerSettings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();
    private int inFlight;
    private boolean closed;

    public EnsembleScheduler(
            ModelConfig config,
            ModelInterface model,
            long version,
            Members members,
            ModelStatistics statistics,
            SchedulerSettings settings) {
        this.label = model.model() + ":" + version;
        this.version = version;
        this.model = model;
        this.whole = Plan.of(config);
        this.inputs = model.inputs().stream().map(Port::name).toList();
        this.mostParts = mostParts(config);
        this.members = members;
        this.statistics = statistics;
        this.settings = settings;
    }

    private static int mostParts(ModelConfig config) {
        int asked = config.getEnsembleScheduling().getMaxInflightRequests();
        return asked > 0 ? asked : MOST_PARTS;
    }

    @Override
    public boolean submit(InferenceRequest request, Completion completion) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (inFlight >= settings.maxRequests()) {
                var refusal = ServingException.unavailable(request.label() + "Exceeds maximum queue size of " + label
                        + ": " + inFlight + " requests are on their way through the ensemble; try again later");
                statistics.failed(refusal.reason(), request.timing());
                throw refusal;
            }
            inFlight++;
        } finally {
            lock.unlock();
        }
        request.waitsIn(label);
        if (model.decoupled()) {
            // an answer would be written there before the caller has read the one before
            request.forgetPlaces();
        }
        var run = run(request, new Told(request, model.batchSize(request), completion));
        var given = request.inputs().stream()
                .map(input -> new Tensor(
                        input.name(), input.type(), input.shape(), input.data().retainedSlice()))
                .toList();
        request.whenCancelled(run::cancel);
        run.start(inputs, given);
        return true;
    }

    private Run run(InferenceRequest request, Run.Outcome told) {
        var plan = whole.leadingTo(request.outputs());
        if (model.decoupled()) {
            for (var step : plan.steps()) {
                if (members.isDecoupled(step.namespace(), step.model(), step.version())) {
                    return new Parts(model.model(), plan.splitAt(step), members, request, mostParts, told).first();
                }
            }
        }
        return new Run(model.model(), plan, members, request, told);
    }

    private void ended() {
        lock.lock();
        try {
            inFlight--;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The caller hears of the end before the version may be freed. */
    private final class Told implements Run.Outcome {
        private final InferenceRequest request;
        private final long batchSize;
        private final Completion completion;
        private int parts;
        private long begin = System.nanoTime();

        Told(InferenceRequest request, long batchSize, Completion completion) {
            this.request = request;
            this.batchSize = batchSize;
            this.completion = completion;
        }

        @Override
        public void answered(List<Tensor> outputs, Phases phases) {
            if (model.decoupled()) {
                try {
                    part(outputs);
                } catch (ServingException gone) {
                    failed(gone);
                    return;
                }
                ended(phases);
                return;
            }
            succeeded(phases);
            try {
                completion.completed(response(outputs));
            } finally {
                EnsembleScheduler.this.ended();
            }
        }

        @Override
        public void part(List<Tensor> outputs) {
            long made = System.nanoTime();
            if (parts == 0) {
                statistics.firstResponse(request.timing().totalNanos());
            }
            completion.partial(response(outputs));
            long sent = System.nanoTime();
            statistics.responses().succeeded(parts++, made - begin, sent - made);
            begin = sent;
        }

        @Override
        public void ended(Phases phases) {
            succeeded(phases);
            try {
                completion.completed();
            } finally {
                EnsembleScheduler.this.ended();
            }
        }

        private InferenceResponse response(List<Tensor> outputs) {
            return new InferenceResponse(request.model(), version, request.id(), outputs);
        }

        private void succeeded(Phases phases) {
            request.beyondCancelling();
            request.close();
            var timing = request.timing();
            timing.composedOf(phases.queue(), phases.input(), phases.infer(), phases.output());
            statistics.executed(timing, batchSize, Departure.SINGLE);
            statistics.succeeded(timing, batchSize, settings.clock().millis());
        }

        @Override
        public void failed(ServingException failure) {
            request.beyondCancelling();
            request.close();
            statistics.failed(failure.reason(), request.timing());
            try {
                completion.failed(failure);
            } finally {
                EnsembleScheduler.this.ended();
            }
        }
    }

    /** Nothing waits here: the members' queues have what waits. */
    @Override
    public int pending() {
        return 0;
    }

    @Override
    public void hurry() {
        // the members are told themselves
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean awaitClosed(Duration deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = deadline.toNanos();
            while (inFlight > 0) {
                if (left <= 0) {
                    return false;
                }
                left = ended.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }
}
