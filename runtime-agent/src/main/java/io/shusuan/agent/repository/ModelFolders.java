package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The repositories given on the command line.
 *
 * @param namespaced whether each of them is a namespace, so that several may have a model of the same name
 */
public record ModelFolders(List<Path> repositories, boolean namespaced) {
    public ModelFolders {
        repositories = List.copyOf(repositories);
    }

    /** The namespaces a model can be in by name; none where names are unique. */
    Set<String> namespaces() {
        return namespaced ? repositories.stream().map(Path::toString).collect(Collectors.toSet()) : Set.of();
    }

    private ModelId id(Path repository, String model) {
        return namespaced ? new ModelId(repository.toString(), model) : ModelId.unique(model);
    }

    /**
     * What repositories hold.
     *
     * @param unreadable what is there and cannot be looked at, and why: maybe a model whose disk is away, which must not be taken for
     *     removed
     */
    record Listing(TreeSet<ModelId> models, SortedMap<ModelId, String> unreadable) {
        private void add(ModelId id, Path child) {
            try {
                if (Files.readAttributes(child, BasicFileAttributes.class).isDirectory()) {
                    models.add(id);
                }
            } catch (NoSuchFileException gone) {
                // or a link to nothing
            } catch (IOException why) {
                unreadable.put(id, why.toString());
            }
        }
    }

    /** The models there are. A repository that cannot be read is an error, never an empty one. */
    Listing list() throws IOException {
        var listing = new Listing(new TreeSet<>(), new TreeMap<>());
        for (var repository : repositories) {
            try (Stream<Path> children = Files.list(repository)) {
                children.filter(child -> !child.getFileName().toString().startsWith("."))
                        .forEach(child ->
                                listing.add(id(repository, child.getFileName().toString()), child));
            } catch (UncheckedIOException unreadable) {
                throw unreadable.getCause();
            }
        }
        return listing;
    }

    /** Whether a model can be called that: the name is one folder's, and not a hidden one's. */
    static boolean isName(String model) {
        return !model.isEmpty()
                && !model.startsWith(".")
                && !model.contains("/")
                && !model.contains("\\")
                && model.indexOf('\0') < 0;
    }

    private List<Path> holding(String model) {
        return isName(model)
                ? repositories.stream()
                        .filter(repository -> Files.isDirectory(repository.resolve(model)))
                        .toList()
                : List.of();
    }

    /** The models of a name. */
    TreeSet<ModelId> named(String model) {
        var ids = new TreeSet<ModelId>();
        holding(model).forEach(repository -> ids.add(id(repository, model)));
        return ids;
    }

    /** The folder of a model; empty when no repository has it. */
    Optional<ModelFolder> find(ModelId model) throws LoadException {
        var found = holding(model.name()).stream()
                .filter(repository -> id(repository, model.name()).equals(model))
                .map(repository -> repository.resolve(model.name()))
                .toList();
        if (found.size() > 1) {
            throw new LoadException("model '" + model + "' is in more than one repository: " + found
                    + "; keep one of them, or start the server with --model-namespacing=true");
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ModelFolder.read(model, found.getFirst()));
        } catch (IOException unreadable) {
            throw new LoadException("cannot read " + found.getFirst() + ": " + unreadable, unreadable);
        }
    }
}
