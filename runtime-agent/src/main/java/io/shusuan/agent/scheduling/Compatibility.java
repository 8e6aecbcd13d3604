package io.shusuan.agent.scheduling;

import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.Tensor;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Which requests may run in one batch: those with the same inputs, of the same shapes but for the batch dimension. */
final class Compatibility {
    private Compatibility() {}

    /**
     * @param ragged the inputs that may differ in shape
     */
    static BiPredicate<InferenceRequest, InferenceRequest> of(ModelInterface model, Set<String> ragged) {
        boolean always = model.inputs().stream()
                .allMatch(port -> !port.optional()
                        && (ragged.contains(port.name()) || port.shape().isFixedButForBatch()));
        return always ? (_, _) -> true : (first, next) -> compatible(first, next, ragged);
    }

    private static boolean compatible(InferenceRequest first, InferenceRequest next, Set<String> ragged) {
        if (first.inputs().size() != next.inputs().size()) {
            return false;
        }
        for (var input : first.inputs()) {
            var other = find(next, input.name());
            if (other == null
                    || !(ragged.contains(input.name()) || input.shape().equalsButForBatch(other.shape()))) {
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
