package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.BackendInstance;
import java.util.List;
import java.util.Map;

/**
 * The instances of one model version, made and not yet at work.
 *
 * @param claims what each of them must have to run; empty when nothing is limited
 * @param initialStates what a sequence's states are when it begins, by the names of their inputs
 */
public record ModelInstances(
        long version,
        List<BackendInstance> instances,
        List<RateLimiter.Claim> claims,
        Map<String, byte[]> initialStates) {
    public ModelInstances {
        instances = List.copyOf(instances);
        claims = List.copyOf(claims);
        initialStates = Map.copyOf(initialStates);
    }
}
