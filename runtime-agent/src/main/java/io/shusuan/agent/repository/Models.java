package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.explanation.Explanations;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The models of this process, as requests find them. Lookups read one immutable map per model and never wait; {@link ModelControl} changes it. */
public final class Models {
    private static final Logger log = System.getLogger(Models.class.getName());
    private static final long NEWEST = 0;

    private final ModelFolders folders;
    private final Entries entries;
    private final Explanations explanations;

    /** @param changed is told when a model comes, goes or changes its state, and does not wait */
    public Models(ModelFolders folders, Explanations explanations, Runnable changed) {
        this.folders = folders;
        this.entries = new Entries(changed);
        this.explanations = explanations;
    }

    Entries entries() {
        return entries;
    }

    ModelFolders folders() {
        return folders;
    }

    /**
     * The version of a model that answers; version 0 means the newest.
     *
     * @throws ServingException NOT_FOUND or UNAVAILABLE, or INVALID when several namespaces have such a model
     */
    public ServedModel find(String model, long version) {
        return answering(entries.named(model), model, version);
    }

    /** The same where the namespace is known. */
    ServedModel find(ModelId model, long version) {
        return answering(entries.find(model), model.toString(), version);
    }

    private static ServedModel answering(@Nullable Entry entry, String model, long version) {
        if (entry == null) {
            throw ServingException.notFound("Request for unknown model: '" + model + "' is not found");
        }
        if (version == NEWEST) {
            var newest = entry.newest();
            if (newest == null) {
                throw ServingException.unavailable(
                        "Request for unknown model: '" + model + "' has no available versions");
            }
            return newest;
        }
        var exact = entry.ready().get(version);
        if (exact == null) {
            if (entry.others().containsKey(version)) {
                throw ServingException.unavailable(
                        "Request for unknown model: '" + model + "' version " + version + " is not at ready state");
            }
            throw ServingException.notFound(
                    "Request for unknown model: '" + model + "' version " + version + " is not found");
        }
        return exact;
    }

    /**
     * Gives a request to its model. When this returns the request belongs to the model; when it throws it is still the caller's.
     *
     * @throws ServingException when the model is not there, the request does not fit it or its queue is full
     */
    public void infer(InferenceRequest request, Completion completion) {
        infer(request, completion, () -> find(request.model(), request.version()));
    }

    /** The same where the namespace is known. */
    void infer(ModelId id, InferenceRequest request, Completion completion) {
        infer(request, completion, () -> find(id, request.version()));
    }

    private void infer(InferenceRequest request, Completion completion, Supplier<ServedModel> find) {
        try {
            submit(request, explanations.follow(request, completion), find);
        } catch (ServingException refused) {
            explanations.refused(request, refused);
            throw refused;
        }
    }

    private static void submit(InferenceRequest request, Completion completion, Supplier<ServedModel> find) {
        while (true) {
            var model = find.get();
            model.tensors().check(request);
            if (model.submit(request, completion)) {
                return;
            }
            // that version was replaced between the two lines: the next look finds what took its place, or nothing
            Thread.onSpinWait();
        }
    }

    /**
     * Where a model lies, whether it is served or not.
     *
     * @throws ServingException NOT_FOUND, or INVALID when several repositories have such a model
     */
    public Path folder(String model) {
        var named = folders.named(model);
        if (named.size() > 1) {
            throw ServingException.invalid("several repositories have a model '" + model + "': "
                    + named.stream().map(ModelId::toString).toList());
        }
        try {
            var found = named.isEmpty() ? Optional.<ModelFolder>empty() : folders.find(named.first());
            return found.map(ModelFolder::path)
                    .orElseThrow(() ->
                            ServingException.notFound("no repository of this server has a model '" + model + "'"));
        } catch (LoadException unreadable) {
            throw ServingException.invalid(unreadable.text());
        }
    }

    /** Every version that answers. */
    public List<ServedModel> ready() {
        return entries.all().stream()
                .flatMap(entry -> entry.ready().values().stream())
                .sorted(Comparator.comparing(ServedModel::id).thenComparingLong(ServedModel::version))
                .toList();
    }

    /** The versions of one model that answer, oldest first. */
    public List<ServedModel> ready(String model) {
        var entry = entries.named(model);
        return entry == null
                ? List.of()
                : entry.ready().values().stream()
                        .sorted(Comparator.comparingLong(ServedModel::version))
                        .toList();
    }

    /** Whether every model that was asked for answers. */
    public boolean allReady() {
        return entries.all().stream().noneMatch(Entry::isMissing);
    }

    /** The repository index: every model on disk or in memory. */
    public List<ModelStatus> index() {
        var lines = new ArrayList<ModelStatus>();
        var ids = new TreeSet<>(entries.ids());
        try {
            ids.addAll(folders.list().models());
        } catch (IOException unreadable) {
            log.log(Level.WARNING, "the model repository cannot be listed: {0}", unreadable.toString());
        }
        for (var id : ids) {
            var entry = entries.find(id);
            if (entry == null) {
                lines.add(new ModelStatus(id, 0, ModelState.UNAVAILABLE, ""));
                continue;
            }
            lines.addAll(entry.index(id));
        }
        return lines;
    }

    /** Lets no request wait for others any more: the server is about to end. */
    public void hurry() {
        ready().forEach(ServedModel::hurry);
    }
}
