package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;

/** A model's folder made of files that a caller sent. It is there while the model is loaded from it. */
record OverrideFolder(Path root, ModelFolder model) implements AutoCloseable {
    static OverrideFolder write(ModelId model, Map<String, byte[]> files) throws LoadException {
        try {
            var root = Files.createTempDirectory("shusuan-load-");
            boolean done = false;
            try {
                var folder = Files.createDirectory(root.resolve(model.name()));
                for (var file : files.entrySet()) {
                    var target = folder.resolve(file.getKey()).normalize();
                    if (!target.startsWith(folder) || target.equals(folder)) {
                        throw new LoadException(
                                "the file '" + file.getKey() + "' leaves the folder of '" + model + "'");
                    }
                    Files.createDirectories(target.getParent());
                    Files.write(target, file.getValue());
                }
                var written = new OverrideFolder(root, ModelFolder.read(model, folder));
                done = true;
                return written;
            } finally {
                if (!done) {
                    delete(root);
                }
            }
        } catch (IOException failed) {
            throw new LoadException("the files given for '" + model + "' cannot be written: " + failed, failed);
        }
    }

    @Override
    public void close() {
        try {
            delete(root);
        } catch (IOException left) {
            System.getLogger(OverrideFolder.class.getName())
                    .log(System.Logger.Level.WARNING, "{0} could not be removed: {1}", root, left.toString());
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
