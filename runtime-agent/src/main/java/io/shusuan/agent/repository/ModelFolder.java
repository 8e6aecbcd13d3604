package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelVersionPolicy;
import io.shusuan.agent.engine.conversion.OutputFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A model on disk: {@code <repository>/<model>/[config.pbtxt] <version>/…}.
 *
 * @param versions those that may be served, oldest first
 * @param rejected what a conversion's gates have rejected, and why: it lies beside what serves, to be looked at, and no policy chooses it
 */
record ModelFolder(ModelId id, Path path, List<Long> versions, NavigableMap<Long, String> rejected) {
    /** A positive integer without leading zeros; any other folder is not a version. */
    private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

    ModelFolder {
        versions = List.copyOf(versions);
        rejected = Collections.unmodifiableNavigableMap(rejected);
    }

    /** One of which nothing can be told. */
    static ModelFolder unreadable(ModelId id, Path path) {
        return new ModelFolder(id, path, List.of(), Collections.emptyNavigableMap());
    }

    String model() {
        return id.name();
    }

    static ModelFolder read(ModelId id, Path path) throws IOException {
        try (Stream<Path> children = Files.list(path)) {
            var versions = children.filter(Files::isDirectory)
                    .map(child -> child.getFileName().toString())
                    .filter(name -> VERSION.matcher(name).matches())
                    .map(Long::valueOf)
                    .sorted()
                    .collect(Collectors.toCollection(ArrayList::new));
            var rejected = new TreeMap<Long, String>();
            for (long version : versions) {
                OutputFolder.rejection(path.resolve(Long.toString(version)))
                        .ifPresent(why -> rejected.put(
                                version,
                                "version " + version + " of '" + id
                                        + "' was rejected when it was converted and is not served: " + why));
            }
            versions.removeAll(rejected.keySet());
            return new ModelFolder(id, path, versions, rejected);
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
    }

    Path configFile() {
        return path.resolve("config.pbtxt");
    }

    Path versionFolder(long version) {
        return path.resolve(Long.toString(version));
    }

    /** Says why, when conversions have left only what was rejected. */
    void refuseRejected() throws LoadException {
        if (versions.isEmpty() && !rejected.isEmpty()) {
            throw new LoadException(rejected.lastEntry().getValue());
        }
    }

    /** The newest version there is, served or not. */
    long newest() {
        return Math.max(versions.isEmpty() ? 1 : versions.getLast(), rejected.isEmpty() ? 1 : rejected.lastKey());
    }

    /** Whether a version that may be served holds a file of that name. */
    boolean holds(String file) {
        return versions.stream()
                .anyMatch(v -> Files.isRegularFile(versionFolder(v).resolve(file)));
    }

    /** The versions that the policy wants served, oldest first. */
    List<Long> chosenBy(ModelVersionPolicy policy) {
        return switch (policy.getPolicyChoiceCase()) {
            case ALL -> versions;
            case SPECIFIC -> {
                var wanted = new HashSet<>(policy.getSpecific().getVersionsList());
                yield versions.stream().filter(wanted::contains).toList();
            }
            case LATEST, POLICYCHOICE_NOT_SET -> {
                int count = Math.max(1, policy.getLatest().getNumVersions());
                yield versions.subList(Math.max(0, versions.size() - count), versions.size());
            }
        };
    }

    /** The folder without its other versions. */
    ModelFolder part(long version) {
        return new ModelFolder(id, path, List.of(version), Collections.emptyNavigableMap());
    }

    private boolean belongs(Path child) {
        var name = child.getFileName().toString();
        // hidden folders are versions being written
        return !name.startsWith(".")
                && (!VERSION.matcher(name).matches()
                        || versions.contains(Long.valueOf(name))
                        || rejected.containsKey(Long.valueOf(name)));
    }

    /** Changes whenever a file of the model is added, removed or written, also where it, a version or a file is a link. */
    String fingerprint() throws IOException {
        // without the folder itself, whose time changes with every version that comes or goes
        try (Stream<Path> children = Files.list(path)) {
            return children.filter(this::belongs)
                    .flatMap(ModelFolder::statesOf)
                    .sorted(Collections.reverseOrder())
                    .collect(Collectors.joining("\n"));
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
    }

    private static Stream<String> statesOf(Path child) {
        try (Stream<Path> files = Files.walk(child, FileVisitOption.FOLLOW_LINKS)) {
            return files.map(ModelFolder::fileState).toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String fileState(Path file) {
        try {
            var size = Files.isRegularFile(file) ? Files.size(file) : 0;
            return file + " " + size + " " + Files.getLastModifiedTime(file).toMillis();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
