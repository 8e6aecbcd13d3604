package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** One round of loading: the ensembles that wait for their members, outermost first, and what became of each model that was tried. */
final class LoadRound {
    private final ArrayDeque<ModelId> path = new ArrayDeque<>();
    private final Map<ModelId, Optional<String>> tried = new HashMap<>();

    void begin(ModelId model) {
        path.addLast(model);
    }

    /**
     * @throws LoadException when the member is already being loaded, because it calls who calls it
     */
    void checkMember(ModelId member) throws LoadException {
        if (path.contains(member)) {
            throw new LoadException("circular dependency between ensembles: "
                    + path.stream().map(ModelId::toString).collect(Collectors.joining(" -> ")) + " -> " + member);
        }
    }

    void end(Optional<String> failure) {
        tried.put(path.removeLast(), failure);
    }

    boolean hasTried(ModelId model) {
        return tried.containsKey(model);
    }

    /** Why a model could not be loaded in this round; empty when it could, or was not tried. */
    Optional<String> failure(ModelId model) {
        return tried.getOrDefault(model, Optional.empty());
    }
}
