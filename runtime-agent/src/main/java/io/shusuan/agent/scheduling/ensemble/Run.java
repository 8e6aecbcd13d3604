package io.shusuan.agent.scheduling.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One request on its way through an ensemble. No thread belongs to it: the one that brings a step's answer sends the steps that waited
 * for it. Nothing is sent, closed or told under the lock. The first outcome counts: after it the steps still running are cancelled, and
 * what they answer is let go of.
 */
final class Run {
    private record Call(Plan.Step step, InferenceRequest request) {}

    private final String ensemble;
    private final Plan plan;
    private final Members members;
    private final InferenceRequest request;
    private final Outcome outcome;
    private final long begin = System.nanoTime();

    @GuardedBy("this")
    private final Tensors tensors;

    @GuardedBy("this")
    private final List<Plan.Step> waiting;

    @GuardedBy("this")
    private final Set<InferenceRequest> running = new HashSet<>();

    @GuardedBy("this")
    private Phases phases = Phases.NONE;

    @GuardedBy("this")
    private boolean over;

    /** Who is told how the run ended: by exactly one of {@code answered}, {@code ended} and {@code failed}, once. */
    interface Outcome {
        void answered(List<Tensor> outputs, Phases phases);

        void failed(ServingException failure);

        /**
         * One answer of the step that gives several, with the tensors that pass it by. It may wait.
         *
         * @throws ServingException CANCELLED when no further one is wanted
         */
        default void part(List<Tensor> outputs) {
            outputs.forEach(Tensor::release);
            throw ServingException.unsupported("this step takes one answer and the model gives several");
        }

        /** After the last part. */
        default void ended(Phases phases) {
            failed(ServingException.unsupported("this step takes one answer and the model gives several"));
        }
    }

    Run(String ensemble, Plan plan, Members members, InferenceRequest request, Outcome outcome) {
        this.ensemble = ensemble;
        this.plan = plan;
        this.members = members;
        this.request = request;
        this.outcome = outcome;
        this.tensors = new Tensors(plan);
        this.waiting = new ArrayList<>(plan.steps());
    }

    /** Takes the tensors over and sends the first steps; an input that is not among them is left out. */
    void start(List<String> inputs, List<Tensor> given) {
        synchronized (this) {
            if (over) {
                given.forEach(Tensor::release);
                return;
            }
            inputs.forEach(tensors::leaveOut);
            given.forEach(tensor -> tensors.put(tensor.name(), tensor));
        }
        advance();
    }

    private void advance() {
        var calls = new ArrayList<Call>();
        synchronized (this) {
            if (over) {
                return;
            }
            for (var each = waiting.iterator(); each.hasNext(); ) {
                var step = each.next();
                if (tensors.isReady(step)) {
                    each.remove();
                    var call = new Call(step, request(step));
                    running.add(call.request());
                    calls.add(call);
                }
            }
        }
        calls.forEach(this::send);
    }

    @GuardedBy("this")
    private InferenceRequest request(Plan.Step step) {
        var call = new InferenceRequest(
                step.model(),
                step.version(),
                request.id(),
                tensors.inputsOf(step),
                List.copyOf(step.outputs().keySet()),
                parameters(),
                Timing.startingNow());
        if (!request.places().isEmpty()) {
            call.wantsOutputsIn(places(step));
        }
        return call;
    }

    /** Where a step's outputs are wanted that nobody but the caller reads; the references are the step's. */
    private Map<String, ByteBuf> places(Plan.Step step) {
        var places = new HashMap<String, ByteBuf>();
        step.outputs().forEach((output, tensor) -> {
            var place = request.places().get(tensor);
            if (place != null && plan.readers(tensor) == 1) {
                places.put(output, place.retain());
            }
        });
        return places;
    }

    /** A step has what is left of the time the caller gave. */
    private RequestParameters parameters() {
        var asked = request.parameters();
        if (asked.timeoutMicros() == 0) {
            return asked;
        }
        long gone = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begin);
        return new RequestParameters(
                asked.sequence(), asked.priority(), Math.max(1, asked.timeoutMicros() - gone), asked.others());
    }

    private void send(Call call) {
        var answer = request.steps().follow(call.request(), new Answer(call));
        try {
            members.infer(call.step().namespace(), call.request(), answer);
        } catch (ServingException refused) {
            call.request().close();
            answer.failed(refused);
        } catch (RuntimeException fault) {
            call.request().close();
            System.getLogger(Run.class.getName())
                    .log(System.Logger.Level.ERROR, "a step of ensemble " + ensemble + " could not be sent", fault);
            answer.failed(ServingException.internal("the server failed while it called a model; its log says why"));
        }
    }

    private void answered(Call call, InferenceResponse response) {
        List<Tensor> outputs = null;
        Phases total;
        boolean last;
        synchronized (this) {
            running.remove(call.request());
            if (over) {
                response.close();
                return;
            }
            phases = phases.plus(call.request().timing());
            total = phases;
            for (var output : response.outputs()) {
                var name = call.step().outputs().get(output.name());
                if (name == null) {
                    output.release();
                } else {
                    tensors.put(name, output);
                }
            }
            last = running.isEmpty() && nothingIsReady();
            if (last) {
                over = true;
                outputs = tensors.hasAll(plan.outputs()) ? tensors.take(plan.outputs()) : null;
                tensors.release();
            }
        }
        if (!last) {
            advance();
            return;
        }
        if (outputs != null) {
            outcome.answered(outputs, total);
        } else {
            outcome.failed(new ServingException(
                    Reason.BACKEND,
                    said("model '" + call.step().model() + "' did not answer all of "
                            + call.step().outputs().keySet())));
        }
    }

    @GuardedBy("this")
    private boolean nothingIsReady() {
        for (var step : waiting) {
            if (tensors.isReady(step)) {
                return false;
            }
        }
        return true;
    }

    private void fail(Call call, ServingException failure) {
        synchronized (this) {
            running.remove(call.request());
        }
        stop(new ServingException(failure.reason(), said(withoutLabel(failure.text()))));
    }

    /** The caller goes away. */
    void cancel() {
        stop(new ServingException(Reason.CANCELLED, request.label() + "the caller went away"));
    }

    private void stop(ServingException why) {
        List<InferenceRequest> left;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            left = List.copyOf(running);
            tensors.release();
        }
        left.forEach(InferenceRequest::cancel);
        outcome.failed(why);
    }

    private void part(Call call, InferenceResponse response) {
        List<Tensor> given;
        synchronized (this) {
            if (over) {
                response.close();
                throw new ServingException(Reason.CANCELLED, said("nobody waits for further answers"));
            }
            given = new ArrayList<>(tensors.share(plan.outputs()));
            for (var output : response.outputs()) {
                var name = call.step().outputs().get(output.name());
                if (name == null || !plan.outputs().contains(name)) {
                    output.release();
                } else {
                    given.add(new Tensor(name, output.type(), output.shape(), output.data()));
                }
            }
        }
        outcome.part(given);
    }

    /** The step that gives several answers has given the last one. */
    private void ended(Call call) {
        Phases total;
        List<InferenceRequest> left;
        synchronized (this) {
            running.remove(call.request());
            if (over) {
                return;
            }
            over = true;
            total = phases.plus(call.request().timing());
            left = List.copyOf(running);
            tensors.release();
        }
        left.forEach(InferenceRequest::cancel);
        outcome.ended(total);
    }

    private String said(String text) {
        return request.label() + "in ensemble '" + ensemble + "', " + text;
    }

    private static String withoutLabel(String text) {
        int end = text.startsWith("[request id: ") ? text.indexOf("] ") : -1;
        return end < 0 ? text : text.substring(end + 2);
    }

    /** What a step is answered. */
    private final class Answer implements Completion {
        private final Call call;

        Answer(Call call) {
            this.call = call;
        }

        @Override
        public void completed(InferenceResponse response) {
            answered(call, response);
        }

        @Override
        public void partial(InferenceResponse response) {
            part(call, response);
        }

        @Override
        public void completed() {
            ended(call);
        }

        @Override
        public void failed(ServingException failure) {
            fail(call, failure);
        }
    }
}
