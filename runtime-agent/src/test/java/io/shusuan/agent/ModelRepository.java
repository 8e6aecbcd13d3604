package io.shusuan.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A model repository being written, in a folder of its own. */
public record ModelRepository(Path folder) {
    /** The configuration that the model of the golden answers has. */
    static final String GOLDEN_CONFIG = """
            backend: "identity"
            max_batch_size: 64
            input { name: "INPUT0" data_type: TYPE_FP32 dims: 16 }
            output { name: "OUTPUT0" data_type: TYPE_FP32 dims: 16 }
            """;

    /** Adds a version of a model with one of the test's ONNX files. */
    public ModelRepository onnx(String model, long version, String file) {
        try (var in = ModelRepository.class.getResourceAsStream("/models/" + file + ".onnx")) {
            if (in == null) {
                throw new IllegalArgumentException("there is no test model " + file);
            }
            var target = Files.createDirectories(folder.resolve(model).resolve(Long.toString(version)));
            Files.write(target.resolve("model.onnx"), in.readAllBytes());
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public ModelRepository config(String model, String text) {
        return file(model + "/config.pbtxt", text);
    }

    /** Adds a model without computation. */
    public ModelRepository identity(String model, String config) {
        config(model, config);
        return file(model + "/1/unused", "");
    }

    public ModelRepository file(String path, String text) {
        try {
            var file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public ModelRepository remove(String path) {
        try (var files = Files.walk(folder.resolve(path))) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
            return this;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
