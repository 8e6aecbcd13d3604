package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.ConfigDocument;
import io.shusuan.agent.config.EnsembleMembers;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelEnsembling.Step;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What ties ensembles to their members: who calls whom, whether they fit together, which members are there only because an ensemble
 * needed them, and which ensembles are out of service for want of a member. Belongs to {@link Models} and its lock.
 */
final class Ensembles {
    private final Map<String, Entry> entries;
    private final Set<String> loadedAlong = new HashSet<>();
    private final Map<String, Set<String>> deserted = new HashMap<>();

    Ensembles(Map<String, Entry> entries) {
        this.entries = entries;
    }

    /** The members an ensemble needs that do not answer now. */
    List<String> missingMembers(ModelConfig config) {
        return EnsembleMembers.of(config).stream()
                .filter(member -> !isReady(member))
                .toList();
    }

    private boolean isReady(String model) {
        return entries.getOrDefault(model, Entry.NONE).newest() != null;
    }

    /**
     * Holds an ensemble against its members as they are now.
     *
     * @param round says why a member is not there
     */
    void check(ConfigDocument ensemble, LoadRound round) throws LoadException {
        if (!ensemble.config().hasEnsembleScheduling()) {
            return;
        }
        var missing = missingMembers(ensemble.config());
        if (!missing.isEmpty()) {
            var member = missing.getFirst();
            throw new LoadException("ensemble '" + ensemble.config().getName() + "' depends on '" + member
                    + "' which has no loaded version."
                    + round.failure(member)
                            .map(why -> " Model '" + member + "' loading failed with error: " + why)
                            .orElse(""));
        }
        check(ensemble, step -> entries.getOrDefault(step.getModelName(), Entry.NONE));
    }

    private interface Lookup {
        Entry of(Step step);
    }

    private static void check(ConfigDocument ensemble, Lookup members) throws LoadException {
        for (var step : ensemble.config().getEnsembleScheduling().getStepList()) {
            if (served(members.of(step), step).isEmpty()) {
                throw new LoadException("ensemble '" + ensemble.config().getName() + "' depends on '"
                        + step.getModelName()
                        + (step.getModelVersion() > 0
                                ? "' whose required version " + step.getModelVersion() + " is not loaded"
                                : "' which has no loaded version"));
            }
        }
        EnsembleMembers.check(ensemble, step -> served(members.of(step), step).orElseThrow());
    }

    private static Optional<ModelInterface> served(Entry entry, Step step) {
        return Optional.ofNullable(
                        step.getModelVersion() > 0 ? entry.ready().get(step.getModelVersion()) : entry.newest())
                .map(ServedModel::tensors);
    }

    /**
     * Holds the ensembles that call a model against the versions that are about to take its place.
     *
     * @throws LoadException when one of them could not go on
     */
    void checkDependents(String model, Entry after) throws LoadException {
        for (var dependent : dependents(model)) {
            try {
                check(
                        dependent.document(),
                        step -> step.getModelName().equals(model)
                                ? after
                                : entries.getOrDefault(step.getModelName(), Entry.NONE));
            } catch (LoadException unfit) {
                throw new LoadException(
                        "the ensemble '" + dependent.name() + "', which calls '" + model + "', would not work with it: "
                                + unfit.text() + "; unload the ensemble first",
                        unfit);
            }
        }
    }

    /** The ensembles in service that call a model. */
    List<ServedModel> dependents(String model) {
        return entries.values().stream()
                .flatMap(entry -> entry.ready().values().stream())
                .filter(served -> EnsembleMembers.of(served.config()).contains(model))
                .toList();
    }

    void loadedAlong(String member) {
        loadedAlong.add(member);
    }

    void loadedForItself(String model) {
        loadedAlong.remove(model);
    }

    /** The members that came with an ensemble and that nobody calls now. */
    List<String> leftBehindBy(ModelConfig ensemble) {
        return EnsembleMembers.of(ensemble).stream()
                .filter(member ->
                        loadedAlong.contains(member) && dependents(member).isEmpty())
                .toList();
    }

    /** The ensemble is in service again. */
    void returned(String model) {
        deserted.remove(model);
    }

    void desert(ModelConfig ensemble) {
        deserted.put(ensemble.getName(), EnsembleMembers.of(ensemble));
    }

    void forget(String model) {
        deserted.remove(model);
        loadedAlong.remove(model);
    }

    /** The ensembles that can be loaded now that a model is there. */
    List<String> completedBy(String model) {
        return deserted.entrySet().stream()
                .filter(each -> each.getValue().contains(model)
                        && each.getValue().stream().allMatch(this::isReady))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The order in which models are taken down: whoever calls goes before those it calls. */
    List<ServedModel> callersFirst(Collection<ServedModel> models) {
        return models.stream()
                .sorted(Comparator.comparingInt((ServedModel model) -> -depth(model)))
                .toList();
    }

    private int depth(ServedModel model) {
        int depth = 0;
        for (var member : EnsembleMembers.of(model.config())) {
            var called = entries.getOrDefault(member, Entry.NONE).newest();
            depth = Math.max(depth, 1 + (called == null ? 0 : depth(called)));
        }
        return depth;
    }
}
