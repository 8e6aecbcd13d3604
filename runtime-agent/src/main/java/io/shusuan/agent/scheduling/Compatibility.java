package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.ModelInterface.Port;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ShapeTensor;
import io.shusuan.agent.inference.Tensor;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which requests may run in one batch: those with the same inputs, of the same shapes but for the batch dimension, and whose shape tensors are the same but for it. */
final class Compatibility {
    private Compatibility() {}

    /**
     * @param ragged the inputs that may differ in shape
     */
    static BiPredicate<InferenceRequest, InferenceRequest> of(ModelInterface model, Set<String> ragged) {
        boolean always = model.inputs().stream()
                .allMatch(port -> !port.optional()
                        && !port.shapeTensor()
                        && (ragged.contains(port.name()) || port.shape().isFixedButForBatch()));
        var shapeTensors = model.inputs().stream()
                .filter(Port::shapeTensor)
                .map(Port::name)
                .collect(Collectors.toUnmodifiableSet());
        return always ? (_, _) -> true : (first, next) -> compatible(first, next, ragged, shapeTensors);
    }

    private static boolean compatible(
            InferenceRequest first, InferenceRequest next, Set<String> ragged, Set<String> shapeTensors) {
        if (first.inputs().size() != next.inputs().size()) {
            return false;
        }
        for (var input : first.inputs()) {
            var other = find(next, input.name());
            if (other == null
                    || !(ragged.contains(input.name()) || input.shape().equalsButForBatch(other.shape()))
                    || (shapeTensors.contains(input.name()) && !ShapeTensor.equalButForBatch(input, other))) {
                return false;
            }
        }
        return true;
    }

    static @Nullable Tensor find(InferenceRequest request, String name) {
        for (var input : request.inputs()) {
            if (input.name().equals(name)) {
                return input;
            }
        }
        return null;
    }
}
