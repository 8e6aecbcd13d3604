package io.shusuan.agent.engine.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An engine in the cache.
 *
 * @param rejection why it must not be served; empty when it may
 */
public record BuiltEngine(Path folder, Optional<String> rejection) {
    static final String ONNX = "model.onnx";
    static final String PLAN = "model.plan";
    static final String KEY = "key.txt";
    public static final String REPORT = "engine.json";

    public Path plan() {
        return folder.resolve(PLAN);
    }

    public Path report() {
        return folder.resolve(REPORT);
    }

    /** Puts engine, model and report into a folder, such as a version of a model repository. */
    public void copyTo(Path target) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(each -> !each.equals(folder)).toList()) {
                Files.copy(file, target.resolve(folder.relativize(file).toString()));
            }
        }
    }

    boolean isThere() {
        return Files.isRegularFile(plan());
    }
}
