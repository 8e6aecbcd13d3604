package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The optimisation profiles of an engine: which shapes each takes, and which values of shape tensors. */
record Profiles(List<Binding> inputs) {
    Profiles {
        inputs = List.copyOf(inputs);
    }

    /** The profile in use when it takes the tensors, otherwise the first that does: changing it costs time. */
    int choose(List<Tensor> tensors, int inUse) {
        if (inUse >= 0 && takes(inUse, tensors)) {
            return inUse;
        }
        return IntStream.range(0, count())
                .filter(profile -> takes(profile, tensors))
                .findFirst()
                .orElseThrow(() -> refusal(tensors));
    }

    int count() {
        return inputs.stream().mapToInt(input -> input.profiles().size()).max().orElse(0);
    }

    private boolean takes(int profile, List<Tensor> tensors) {
        return tensors.stream().allMatch(tensor -> {
            var input = input(tensor.name());
            return input.profiles().get(profile).takes(input.profiled(tensor));
        });
    }

    private Binding input(String name) {
        return inputs.stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ServingException.invalid("the plan has no input '" + name + "'"));
    }

    private ServingException refusal(List<Tensor> tensors) {
        var given = tensors.stream()
                .map(tensor -> {
                    var input = input(tensor.name());
                    return "'" + tensor.name() + (input.host() ? "' with the values " : "' of shape ")
                            + input.profiled(tensor);
                })
                .collect(Collectors.joining(", "));
        var taken = IntStream.range(0, count())
                .mapToObj(profile -> "profile " + profile + " takes "
                        + tensors.stream()
                                .map(tensor -> "'" + tensor.name() + "' "
                                        + input(tensor.name()).profiles().get(profile))
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.joining("; "));
        return ServingException.invalid("no optimisation profile of the plan takes " + given + ": " + taken);
    }

    /** The largest first dimension, or first value of a shape tensor, that every input takes together in one profile. */
    int largestBatch() {
        return IntStream.range(0, count())
                .map(profile -> inputs.stream()
                        .map(input -> input.profiles().get(profile).max())
                        .mapToInt(max -> max.rank() == 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, max.dim(0)))
                        .min()
                        .orElse(0))
                .max()
                .orElse(0);
    }
}
