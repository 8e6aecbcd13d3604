package io.shusuan.agent.inference;

import java.util.Map;
import java.util.Optional;

/**
 * What a caller asks for beside its tensors.
 *
 * @param priority 0 for the model's default, 1 for the highest
 * @param timeoutMicros how long the request may wait in the queue; 0 for as long as the model's policy says
 * @param others parameters without a meaning to the server, which the model may read
 */
public record RequestParameters(
        Optional<SequenceStep> sequence, long priority, long timeoutMicros, Map<String, Parameter> others) {
    public static final RequestParameters NONE = new RequestParameters(Optional.empty(), 0, 0, Map.of());

    public RequestParameters {
        others = Map.copyOf(others);
    }
}
