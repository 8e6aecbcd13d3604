package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The repositories given on the command line. */
public record ModelFolders(List<Path> repositories) {
    public ModelFolders {
        repositories = List.copyOf(repositories);
    }

    /** The models there are, by name. A repository that cannot be read is an error, never an empty one. */
    TreeSet<String> names() throws IOException {
        var names = new TreeSet<String>();
        for (var repository : repositories) {
            try (Stream<Path> children = Files.list(repository)) {
                children.filter(Files::isDirectory)
                        .map(child -> child.getFileName().toString())
                        .filter(name -> !name.startsWith("."))
                        .forEach(names::add);
            }
        }
        return names;
    }

    /** Whether a model can be called that: the name is one folder's, and not a hidden one's. */
    static boolean isName(String model) {
        return !model.isEmpty()
                && !model.startsWith(".")
                && !model.contains("/")
                && !model.contains("\\")
                && model.indexOf('\0') < 0;
    }

    /** The folder of a model; empty when no repository has it. */
    Optional<ModelFolder> find(String model) throws LoadException {
        if (!isName(model)) {
            return Optional.empty();
        }
        var found = new ArrayList<Path>();
        for (var repository : repositories) {
            var folder = repository.resolve(model);
            if (Files.isDirectory(folder)) {
                found.add(folder);
            }
        }
        if (found.size() > 1) {
            throw new LoadException(
                    "model '" + model + "' is in more than one repository: " + found + "; keep one of them");
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ModelFolder.read(found.getFirst()));
        } catch (IOException unreadable) {
            throw new LoadException("cannot read " + found.getFirst() + ": " + unreadable, unreadable);
        }
    }
}
