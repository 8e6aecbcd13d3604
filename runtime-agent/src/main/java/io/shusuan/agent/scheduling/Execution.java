package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import io.shusuan.agent.inference.BatchRun;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.metrics.ModelStatistics;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * Runs batches of one model version on one instance and answers each request. A batch of one request runs as it is, without a copy;
 * whatever the engine or a protocol throws, every request gets its outcome and the instance goes on.
 */
final class Execution {
    private static final Logger log = System.getLogger(Execution.class.getName());

    private final String name;
    private final long version;
    private final boolean decoupled;
    private final Assembly assembly;
    private final BackendInstance instance;
    private final ModelStatistics statistics;
    private final InstantSource clock;
    private long batches;

    Execution(
            String name,
            long version,
            boolean decoupled,
            Assembly assembly,
            BackendInstance instance,
            ModelStatistics statistics,
            InstantSource clock) {
        this.name = name;
        this.version = version;
        this.decoupled = decoupled;
        this.assembly = assembly;
        this.instance = instance;
        this.statistics = statistics;
        this.clock = clock;
    }

    /** A batch that is with the engine. */
    interface Underway {
        /** Waits for the engine and answers the requests. */
        void finish();
    }

    /** Nothing is left to be done. */
    static final Underway ANSWERED = () -> {};

    /** Takes the batch over, and answers it at once when the engine refuses it. */
    Underway begin(Batch batch) {
        var run = new BatchRun(
                name,
                ++batches,
                batch.size(),
                batch.members().size(),
                batch.why().label());
        batch.members().forEach(member -> member.request().runsIn(run));
        if (decoupled) {
            for (int i = 0; i < batch.members().size(); i++) {
                stream(batch.only(i));
            }
            return ANSWERED;
        }
        try {
            return batch.members().size() == 1 && assembly.leavesOneAsItIs() ? beginOne(batch) : beginTogether(batch);
        } catch (ServingException refused) {
            failed(batch, refused);
        } catch (RuntimeException | Error fault) {
            failed(batch, fault(batch, fault));
        }
        return ANSWERED;
    }

    private Underway beginOne(Batch batch) {
        var request = batch.members().getFirst().request();
        request.timing().computeStarts();
        boolean begun = false;
        try {
            if (request.isCancelled()) {
                throw Refusals.cancelled(request);
            }
            var run = instance.begin(request);
            begun = true;
            return () -> answer(batch, () -> finishOne(batch, run));
        } catch (ServingException failed) {
            throw request.isCancelled() ? Refusals.cancelled(request) : failed;
        } finally {
            if (!begun) {
                request.beyondCancelling();
            }
        }
    }

    private List<List<Tensor>> finishOne(Batch batch, BackendInstance.Begun run) {
        var request = batch.members().getFirst().request();
        try {
            var outputs = run.finish();
            request.timing().computeEnds();
            statistics.executed(request.timing(), batch.size(), batch.why());
            return List.of(outputs);
        } catch (ServingException failed) {
            throw request.isCancelled() ? Refusals.cancelled(request) : failed;
        } finally {
            request.beyondCancelling();
        }
    }

    private Underway beginTogether(Batch batch) {
        var members = batch.members();
        members.forEach(member -> member.request().timing().computeStarts());
        var together = assembly.gather(batch, instance::inputMemory);
        boolean begun = false;
        try {
            together.timing().computeStarts();
            members.forEach(member -> member.request().whenCancelled(() -> {
                // the others still want their answers
                if (members.stream().allMatch(each -> each.request().isCancelled())) {
                    together.cancel();
                }
            }));
            var run = instance.begin(together);
            begun = true;
            return () -> answer(batch, () -> finishTogether(batch, together, run));
        } finally {
            if (!begun) {
                members.forEach(member -> member.request().beyondCancelling());
                together.close();
            }
        }
    }

    private List<List<Tensor>> finishTogether(Batch batch, InferenceRequest together, BackendInstance.Begun run) {
        var members = batch.members();
        try (together) {
            var answers = assembly.split(run.finish(), batch);
            together.timing().computeEnds();
            members.forEach(member -> member.request().timing().computedWith(together.timing()));
            statistics.executed(together.timing(), batch.size(), batch.why());
            return answers;
        } finally {
            members.forEach(member -> member.request().beyondCancelling());
        }
    }

    private void stream(Batch batch) {
        var member = batch.members().getFirst();
        var request = member.request();
        var answers = new SentResponses(
                request, version, member.completion(), statistics, batch.iterates(), batch.answersSent());
        try {
            request.timing().computeStarts();
            if (request.isCancelled()) {
                throw Refusals.cancelled(request);
            }
            if (assembly.leavesOneAsItIs()) {
                instance.stream(request, answers);
            } else {
                streamAssembled(batch, answers);
            }
            request.timing().computeEnds();
            request.beyondCancelling();
        } catch (ServingException refused) {
            answers.failed(refused.reason());
            failed(batch, refused);
            return;
        } catch (RuntimeException | Error fault) {
            answers.failed(Reason.INTERNAL);
            failed(batch, fault(batch, fault));
            return;
        }
        statistics.executed(request.timing(), member.batchSize(), batch.why());
        if (answers.wantsAgain()) {
            batch.sequences().getFirst().goesOn(member, answers.sent());
            return;
        }
        request.close();
        statistics.succeeded(request.timing(), member.batchSize(), clock.millis());
        handOver(() -> member.completion().completed());
    }

    private void streamAssembled(Batch batch, SentResponses answers) {
        var request = batch.members().getFirst().request();
        try (var assembled = assembly.gather(batch, instance::inputMemory)) {
            assembled.timing().computeStarts();
            request.whenCancelled(assembled::cancel);
            instance.stream(assembled, batch.iterates() ? new SteppedResponses(assembly, batch, answers) : answers);
            request.timing().computedWith(assembled.timing());
        } finally {
            request.beyondCancelling();
        }
    }

    private void answer(Batch batch, Supplier<List<List<Tensor>>> outputs) {
        try {
            answer(batch, outputs.get());
        } catch (ServingException refused) {
            failed(batch, refused);
        } catch (RuntimeException | Error fault) {
            failed(batch, fault(batch, fault));
        }
    }

    private void answer(Batch batch, List<List<Tensor>> outputs) {
        for (int i = 0; i < outputs.size(); i++) {
            var member = batch.members().get(i);
            var request = member.request();
            var response = new InferenceResponse(request.model(), version, request.id(), outputs.get(i));
            request.close();
            statistics.succeeded(request.timing(), member.batchSize(), clock.millis());
            handOver(() -> member.completion().completed(response));
        }
    }

    private void failed(Batch batch, ServingException failure) {
        for (var member : batch.members()) {
            var request = member.request();
            request.beyondCancelling();
            handOver(() -> member.fail(
                    request.isCancelled() ? Refusals.cancelled(request) : failure.labelled(request.label())));
        }
    }

    /** The instance must outlive whatever a protocol does with an outcome. */
    private void handOver(Runnable outcome) {
        try {
            outcome.run();
        } catch (RuntimeException fault) {
            log.log(Level.ERROR, "an outcome of " + name + " could not be handed over", fault);
        }
    }

    private ServingException fault(Batch batch, Throwable fault) {
        log.log(Level.ERROR, batch.label() + "instance " + name + " failed", fault);
        return ServingException.internal("the server failed while it ran the model; its log says why");
    }
}
