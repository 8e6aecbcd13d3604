package io.shusuan.agent.scheduling.ensemble;

import io.shusuan.agent.inference.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of one run by their names in the ensemble. Readers get references to the same bytes; a tensor is let go of when its last
 * reader has it, so what lies between two steps does not stay for the length of the run. Belongs to a {@link Run} and its lock.
 */
final class Tensors {
    private static final class Held {
        private final Tensor tensor;
        private int readers;

        private Held(Tensor tensor, int readers) {
            this.tensor = tensor;
            this.readers = readers;
        }
    }

    private final Plan plan;
    private final Map<String, Held> held = new HashMap<>();
    /** Optional inputs that the request left out: steps do without them. */
    private final Set<String> absent = new HashSet<>();

    Tensors(Plan plan) {
        this.plan = plan;
    }

    /** Takes a tensor over. */
    void put(String name, Tensor tensor) {
        absent.remove(name);
        int readers = plan.readers(name);
        if (readers == 0) {
            tensor.release();
        } else {
            held.put(name, new Held(tensor, readers));
        }
    }

    void leaveOut(String name) {
        absent.add(name);
    }

    boolean isReady(Plan.Step step) {
        return step.inputs().values().stream().allMatch(tensor -> held.containsKey(tensor) || absent.contains(tensor));
    }

    /** What a step is called with; the tensors are the caller's. */
    List<Tensor> inputsOf(Plan.Step step) {
        var inputs = new ArrayList<Tensor>(step.inputs().size());
        step.inputs().forEach((input, tensor) -> {
            if (!absent.contains(tensor)) {
                inputs.add(read(tensor, input));
            }
        });
        return inputs;
    }

    /** What all of these are now, but for those that were left out; they stay here, and the references are the caller's. */
    List<Tensor> share(List<String> names) {
        var shared = new ArrayList<Tensor>(names.size());
        for (var name : names) {
            var found = held.get(name);
            if (found != null) {
                shared.add(new Tensor(
                        name,
                        found.tensor.type(),
                        found.tensor.shape(),
                        found.tensor.data().retainedSlice()));
            }
        }
        return shared;
    }

    boolean hasAll(List<String> names) {
        return held.keySet().containsAll(names);
    }

    /** The ensemble's own outputs; the tensors are the caller's. */
    List<Tensor> take(List<String> names) {
        return names.stream().map(name -> read(name, name)).toList();
    }

    private Tensor read(String name, String as) {
        var found = held.get(name);
        if (found == null) {
            throw new IllegalStateException("ensemble tensor " + name + " is read more often than it was planned");
        }
        var tensor = found.tensor;
        found.readers--;
        if (found.readers == 0) {
            held.remove(name);
            return new Tensor(as, tensor.type(), tensor.shape(), tensor.data());
        }
        return new Tensor(as, tensor.type(), tensor.shape(), tensor.data().retainedSlice());
    }

    void release() {
        held.values().forEach(each -> each.tensor.release());
        held.clear();
    }
}
