package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** One round of loading: the ensembles that wait for their members, outermost first, and what became of each model that was tried. */
final class LoadRound {
    private final ArrayDeque<String> path = new ArrayDeque<>();
    private final Map<String, Optional<String>> tried = new HashMap<>();

    void begin(String model) {
        path.addLast(model);
    }

    /**
     * @throws LoadException when the member is already being loaded, because it calls who calls it
     */
    void checkMember(String member) throws LoadException {
        if (path.contains(member)) {
            throw new LoadException(
                    "circular dependency between ensembles: " + String.join(" -> ", path) + " -> " + member);
        }
    }

    void end(Optional<String> failure) {
        tried.put(path.removeLast(), failure);
    }

    boolean hasTried(String model) {
        return tried.containsKey(model);
    }

    /** Why a model could not be loaded in this round; empty when it could, or was not tried. */
    Optional<String> failure(String model) {
        return tried.getOrDefault(model, Optional.empty());
    }
}
