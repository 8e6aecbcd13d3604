package io.shusuan.agent.repository;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of the classes of a model's outputs, where a label file gives them. */
final class ClassLabels {
    private ClassLabels() {}

    static Map<String, List<String>> read(Path model, ModelConfig config) throws LoadException {
        var labels = new HashMap<String, List<String>>();
        for (var output : config.getOutputList()) {
            if (!output.getLabelFilename().isEmpty()) {
                var file = model.resolve(output.getLabelFilename()).normalize();
                if (!file.startsWith(model.normalize())) {
                    throw new LoadException(
                            "label_filename '" + output.getLabelFilename() + "' leaves the model's folder");
                }
                try {
                    labels.put(output.getName(), Files.readAllLines(file));
                } catch (IOException unreadable) {
                    throw new LoadException(
                            "cannot read the labels of output '" + output.getName() + "': " + unreadable, unreadable);
                }
            }
        }
        return labels;
    }
}
