package io.shusuan.agent.scheduling.ensemble;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way through an ensemble one of whose steps gives several answers. Each of them goes through the steps behind by
 * itself, as a run of its own; the caller gets them in the order in which the step gave them. Of those on their way there are never more
 * than a number: then the step waits, so a step that is faster than those behind it fills no memory.
 */
final class Parts implements Run.Outcome {
    private final String ensemble;
    private final Plan.Split split;
    private final Members members;
    private final InferenceRequest request;
    private final int most;
    private final Run.Outcome outcome;
    private final Run first;

    @GuardedBy("this")
    private final ArrayDeque<Part> line = new ArrayDeque<>();

    @GuardedBy("this")
    private Phases phases = Phases.NONE;

    @GuardedBy("this")
    private boolean allGiven;

    @GuardedBy("this")
    private boolean handingOver;

    @GuardedBy("this")
    private boolean over;

    Parts(String ensemble, Plan.Split split, Members members, InferenceRequest request, int most, Run.Outcome outcome) {
        this.ensemble = ensemble;
        this.split = split;
        this.members = members;
        this.request = request;
        this.most = most;
        this.outcome = outcome;
        this.first = new Run(ensemble, split.before(), members, request, this);
    }

    /** The run up to the step that gives several answers; cancelling it ends everything. */
    Run first() {
        return first;
    }

    /** One answer of the step, with the tensors that pass it by. Waits while too many are on their way. */
    @Override
    public void part(List<Tensor> tensors) {
        var part = new Part();
        synchronized (this) {
            while (!over && line.size() >= most) {
                try {
                    wait();
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                    tensors.forEach(Tensor::release);
                    throw cancelled();
                }
            }
            if (over) {
                tensors.forEach(Tensor::release);
                throw cancelled();
            }
            line.add(part);
        }
        if (split.behind().steps().isEmpty()) {
            var outputs = new ArrayList<>(tensors);
            outputs.sort(
                    Comparator.comparingInt(tensor -> split.behind().outputs().indexOf(tensor.name())));
            part.answered(outputs, Phases.NONE);
        } else {
            part.run.start(split.before().outputs(), tensors);
        }
    }

    private ServingException cancelled() {
        return new ServingException(Reason.CANCELLED, request.label() + "nobody waits for further answers");
    }

    /** The step has given its last answer. */
    @Override
    public void ended(Phases steps) {
        synchronized (this) {
            phases = phases.plus(steps);
            allGiven = true;
        }
        handOver();
    }

    @Override
    public void answered(List<Tensor> outputs, Phases steps) {
        // an ensemble's member that gives several answers may give a single one, too
        part(outputs);
        ended(steps);
    }

    @Override
    public void failed(ServingException failure) {
        List<Part> left;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            left = List.copyOf(line);
            line.clear();
            notifyAll();
        }
        first.cancel();
        left.forEach(Part::letGo);
        outcome.failed(failure);
    }

    /** One thread at a time gives the caller what is next; it may wait for a caller who reads slowly. */
    private void handOver() {
        synchronized (this) {
            if (handingOver) {
                return;
            }
            handingOver = true;
        }
        for (var next = nextOutputs(); next != null; next = nextOutputs()) {
            try {
                outcome.part(next);
            } catch (ServingException gone) {
                failed(gone);
            } catch (RuntimeException fault) {
                System.getLogger(Parts.class.getName())
                        .log(
                                System.Logger.Level.ERROR,
                                "an answer of ensemble " + ensemble + " could not be sent",
                                fault);
                failed(ServingException.internal("the server failed while it sent an answer; its log says why"));
            }
        }
        Phases all;
        synchronized (this) {
            if (over || !allGiven || !line.isEmpty()) {
                return;
            }
            over = true;
            all = phases;
        }
        outcome.ended(all);
    }

    private synchronized @Nullable List<Tensor> nextOutputs() {
        var head = line.peek();
        if (over || head == null || head.outputs == null) {
            handingOver = false;
            return null;
        }
        line.remove();
        notifyAll();
        return head.outputs;
    }

    /** One answer on its way through the steps behind. */
    private final class Part implements Run.Outcome {
        private final Run run = new Run(ensemble, split.behind(), members, request, this);
        private @Nullable List<Tensor> outputs;

        @Override
        public void answered(List<Tensor> answer, Phases steps) {
            synchronized (Parts.this) {
                if (over) {
                    answer.forEach(Tensor::release);
                    return;
                }
                outputs = answer;
                phases = phases.plus(steps);
            }
            handOver();
        }

        @Override
        public void failed(ServingException failure) {
            Parts.this.failed(failure);
        }

        /** Of the parts in line when everything ended: whatever it has made, or is making, is not wanted. */
        private void letGo() {
            if (outputs != null) {
                outputs.forEach(Tensor::release);
            } else {
                run.cancel();
            }
        }
    }
}
