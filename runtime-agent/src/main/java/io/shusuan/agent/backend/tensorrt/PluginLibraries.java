package io.shusuan.agent.backend.tensorrt;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.backend.LoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Libraries with plugins of TensorRT's. They are code that this process runs, so whoever runs the agent says which: by name, or by the
 * folders from which models may name theirs. What was loaded stays loaded.
 */
public final class PluginLibraries {
    /** No plugins but TensorRT's own. */
    public static final PluginLibraries NONE = new PluginLibraries(List.of(), List.of());

    private final List<Path> always;
    private final List<Path> folders;

    @GuardedBy("this")
    private final Set<Path> loaded = new LinkedHashSet<>();

    /**
     * @param always what is loaded for all models
     * @param folders where models may find theirs
     */
    public PluginLibraries(List<Path> always, List<Path> folders) {
        this.always = List.copyOf(always);
        this.folders = List.copyOf(folders);
    }

    /** Loads what all models have; the answer names each that cannot be. */
    Optional<String> loadAlways(NativeCalls calls) {
        var problems = new ArrayList<String>();
        for (var library : always) {
            try {
                load(calls, library.toRealPath());
            } catch (IOException missing) {
                problems.add("PLUGIN_MISSING: " + library + " of --tensorrt-plugin is not there");
            } catch (NativeException refused) {
                problems.add(unloadable(library, refused));
            }
        }
        return problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems));
    }

    /** Loads what a model names, before its plan is read. */
    void load(NativeCalls calls, String model, List<String> names) throws LoadException {
        for (var name : names) {
            var library = find(model, name);
            try {
                load(calls, library);
            } catch (NativeException refused) {
                throw new LoadException("'" + model + "' cannot be loaded: " + unloadable(library, refused), refused);
            }
        }
    }

    private Path find(String model, String name) throws LoadException {
        var what = "'" + name + "', a plugin library of '" + model + "', ";
        if (folders.isEmpty()) {
            throw new LoadException("PLUGIN_NOT_ALLOWED: " + what
                    + "is not loaded: models may name none unless the agent is started with "
                    + "--tensorrt-plugin-folder FOLDER, where it must lie");
        }
        if (name.contains("/") || name.startsWith(".")) {
            throw new LoadException("PLUGIN_NOT_ALLOWED: " + what
                    + "is not loaded: name the file alone, it must lie in one of " + folders);
        }
        for (var folder : folders) {
            try {
                var library = folder.resolve(name).toRealPath();
                if (!library.startsWith(folder.toRealPath())) {
                    throw new LoadException("PLUGIN_NOT_ALLOWED: " + what + "is not loaded: it is a link to " + library
                            + ", outside of " + folder);
                }
                if (Files.isRegularFile(library)) {
                    return library;
                }
            } catch (IOException notThere) {
                // perhaps in the next
            }
        }
        throw new LoadException(
                "PLUGIN_MISSING: " + what + "is in none of the folders of --tensorrt-plugin-folder: " + folders);
    }

    private static String unloadable(Path library, NativeException refused) {
        return "PLUGIN_UNLOADABLE: " + library + ": " + refused.text();
    }

    private synchronized void load(NativeCalls calls, Path library) {
        if (!loaded.contains(library)) {
            calls.loadPlugins(library);
            loaded.add(library);
        }
    }

    /** What was loaded, as the end of a line; empty for nothing. */
    synchronized String told() {
        return loaded.isEmpty()
                ? ""
                : ", plugins of "
                        + loaded.stream()
                                .map(each -> each.getFileName().toString())
                                .collect(Collectors.joining(", "));
    }
}
