package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.ConfigDocument;
import io.shusuan.agent.config.EnsembleMembers;
import io.shusuan.agent.config.ModelInterface;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelEnsembling.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What ties ensembles to their members: who calls whom, whether they fit together, which members are there only because an ensemble
 * needed them, and which ensembles are out of service for want of a member. Belongs to {@link ModelControl} and its lock.
 */
final class Ensembles {
    private final Entries entries;
    private final ModelFolders folders;
    private final Set<ModelId> loadedAlong = new HashSet<>();
    private final Map<ModelId, Given> given = new HashMap<>();
    private final Set<ModelId> deserted = new HashSet<>();

    /** What an ensemble was loaded with, as it was written and as it was sent. */
    private record Given(ModelConfig config, LoadOverrides overrides) {}

    Ensembles(Entries entries, ModelFolders folders) {
        this.entries = entries;
        this.folders = folders;
    }

    /**
     * The configuration with the namespace of each step's model: the one it names, or the ensemble's own where that has such a model,
     * or the only one that has.
     *
     * @throws LoadException when a step names a namespace that is none, or names none and several have such a model
     */
    ConfigDocument resolve(ModelId ensemble, ConfigDocument document, LoadOverrides overrides) throws LoadException {
        if (!document.config().hasEnsembleScheduling()) {
            return document;
        }
        EnsembleMembers.checkNamespaces(document, folders.namespaces());
        given.put(ensemble, new Given(document.config(), overrides));
        return new ConfigDocument(resolve(ensemble, document.config()), document.origin(), document.positions());
    }

    private ModelConfig resolve(ModelId ensemble, ModelConfig config) throws LoadException {
        if (!folders.namespaced()) {
            return config;
        }
        var resolved = config.toBuilder();
        for (var step : resolved.getEnsembleSchedulingBuilder().getStepBuilderList()) {
            if (step.getModelNamespace().isEmpty()) {
                step.setModelNamespace(namespaceOf(ensemble, step.getModelName()));
            }
        }
        return resolved.build();
    }

    private String namespaceOf(ModelId ensemble, String member) throws LoadException {
        var candidates = folders.named(member);
        entries.ids(member).stream().filter(id -> !entries.of(id).isUnloaded()).forEach(candidates::add);
        if (candidates.isEmpty() || candidates.contains(new ModelId(ensemble.namespace(), member))) {
            return ensemble.namespace();
        }
        if (candidates.size() > 1) {
            throw new LoadException("ensemble '" + ensemble + "' depends on '" + member + "', which is in "
                    + candidates.stream().map(ModelId::namespace).collect(Collectors.joining(" and "))
                    + ": say which in the step's model_namespace");
        }
        return candidates.first().namespace();
    }

    private static ModelId member(Step step) {
        return new ModelId(step.getModelNamespace(), step.getModelName());
    }

    /** The models that a resolved ensemble calls, each once; none for a model that is no ensemble. */
    private static Set<ModelId> members(ModelConfig resolved) {
        var ids = new LinkedHashSet<ModelId>();
        resolved.getEnsembleScheduling().getStepList().forEach(step -> ids.add(member(step)));
        return ids;
    }

    /** The members an ensemble needs that do not answer now. */
    List<ModelId> missingMembers(ModelConfig config) {
        return members(config).stream().filter(member -> !isReady(member)).toList();
    }

    private boolean isReady(ModelId model) {
        return entries.of(model).newest() != null;
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
        check(ensemble, step -> entries.of(member(step)));
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
    void checkDependents(ModelId model, Entry after) throws LoadException {
        for (var dependent : dependents(model)) {
            try {
                check(dependent.document(), step -> member(step).equals(model) ? after : entries.of(member(step)));
            } catch (LoadException unfit) {
                throw new LoadException(
                        "the ensemble '" + dependent.id() + "', which calls '" + model + "', would not work with it: "
                                + unfit.text() + "; unload the ensemble first",
                        unfit);
            }
        }
    }

    /** The ensembles in service that call a model. */
    List<ServedModel> dependents(ModelId model) {
        return entries.all().stream()
                .flatMap(entry -> entry.ready().values().stream())
                .filter(served -> members(served.config()).contains(model))
                .toList();
    }

    void loadedAlong(ModelId member) {
        loadedAlong.add(member);
    }

    void loadedForItself(ModelId model) {
        loadedAlong.remove(model);
    }

    /** The members that came with an ensemble and that nobody calls now. */
    List<ModelId> leftBehindBy(ModelConfig ensemble) {
        return members(ensemble).stream()
                .filter(member ->
                        loadedAlong.contains(member) && dependents(member).isEmpty())
                .toList();
    }

    /** The ensemble is in service again. */
    void returned(ModelId model) {
        deserted.remove(model);
    }

    /** The ensemble is out of service for want of a member. */
    void desert(ModelId ensemble) {
        deserted.add(ensemble);
    }

    void forget(ModelId model) {
        deserted.remove(model);
        loadedAlong.remove(model);
        given.remove(model);
    }

    /**
     * The ensembles that can be loaded, or would call other models, now that a model of this name has come or gone: those that want
     * for a member and have it now, and those that called another namespace's for want of one in their own.
     */
    List<ModelId> changedBy(ModelId model) {
        var found = new ArrayList<ModelId>();
        given.forEach((ensemble, was) -> {
            var config = was.config();
            if (!EnsembleMembers.of(config).contains(model.name())) {
                return;
            }
            try {
                var members = members(resolve(ensemble, config));
                var serving = entries.of(ensemble).newest();
                boolean changed = deserted.contains(ensemble)
                        || (serving != null && !members(serving.config()).equals(members));
                if (changed && members.stream().allMatch(this::isReady)) {
                    found.add(ensemble);
                }
            } catch (LoadException ambiguous) {
                // it stays as it is, and says so when it is loaded again
            }
        });
        return found;
    }

    /** What stood in place of what is on disk when the ensemble was loaded: it comes back as it was. */
    LoadOverrides overrides(ModelId ensemble) {
        var was = given.get(ensemble);
        return was == null ? LoadOverrides.NONE : was.overrides();
    }

    /** The order in which models are taken down: whoever calls goes before those it calls. */
    List<ServedModel> callersFirst(Collection<ServedModel> models) {
        return models.stream()
                .sorted(Comparator.comparingInt((ServedModel model) -> -depth(model)))
                .toList();
    }

    private int depth(ServedModel model) {
        int depth = 0;
        for (var member : members(model.config())) {
            var called = entries.of(member).newest();
            depth = Math.max(depth, 1 + (called == null ? 0 : depth(called)));
        }
        return depth;
    }
}
