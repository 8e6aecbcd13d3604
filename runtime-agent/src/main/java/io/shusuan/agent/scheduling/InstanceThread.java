package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.metrics.ModelStatistics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;

/** Takes requests one after the other and runs them on its instance. */
final class InstanceThread extends Thread {
    private static final Logger log = System.getLogger(InstanceThread.class.getName());

    private final RequestQueue queue;
    private final BackendInstance instance;
    private final ModelInterface model;
    private final long version;
    private final ModelStatistics statistics;
    private final InstantSource clock;

    InstanceThread(
            String name,
            RequestQueue queue,
            BackendInstance instance,
            ModelInterface model,
            long version,
            ModelStatistics statistics,
            InstantSource clock) {
        super(name);
        this.queue = queue;
        this.instance = instance;
        this.model = model;
        this.version = version;
        this.statistics = statistics;
        this.clock = clock;
        setDaemon(true);
    }

    @Override
    public void run() {
        try (instance) {
            for (var next = queue.take(); next != null; next = queue.take()) {
                serve(next.request(), next.completion());
            }
        } catch (InterruptedException stopped) {
            log.log(Level.WARNING, "instance {0} was interrupted while it waited", getName());
        }
    }

    private void serve(InferenceRequest request, Completion completion) {
        if (model.decoupled()) {
            stream(request, completion);
            return;
        }
        InferenceResponse response;
        try (request) {
            request.timing().computeStarts();
            if (request.isCancelled()) {
                throw new ServingException(Reason.CANCELLED, request.label() + "the caller went away");
            }
            var outputs = instance.run(request);
            response = new InferenceResponse(request.model(), version, request.id(), outputs);
            request.timing().computeEnds();
            statistics.succeeded(request.timing(), model.batchSize(request), clock.millis());
        } catch (ServingException refused) {
            statistics.failed(refused.reason(), request.timing());
            completion.failed(refused);
            return;
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError fault) {
            completion.failed(fault(request, fault));
            return;
        }
        try {
            completion.completed(response);
        } catch (RuntimeException fault) {
            // the instance must outlive whatever a protocol does with an answer
            log.log(Level.ERROR, "an answer of " + getName() + " could not be handed over", fault);
        }
    }

    private void stream(InferenceRequest request, Completion completion) {
        var answers = new SentResponses(request, version, completion, statistics);
        try (request) {
            request.timing().computeStarts();
            instance.stream(request, answers);
            request.timing().computeEnds();
            statistics.succeeded(request.timing(), model.batchSize(request), clock.millis());
            completion.completed();
        } catch (ServingException refused) {
            answers.failed(refused.reason());
            statistics.failed(refused.reason(), request.timing());
            completion.failed(refused);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError fault) {
            answers.failed(Reason.INTERNAL);
            completion.failed(fault(request, fault));
        }
    }

    private ServingException fault(InferenceRequest request, Throwable fault) {
        log.log(Level.ERROR, "instance " + getName() + " failed", fault);
        statistics.failed(Reason.INTERNAL, request.timing());
        return ServingException.internal(
                request.label() + "the server failed while it ran '" + model.model() + "'; its log says why");
    }
}
