package io.shusuan.agent.engine.conversion;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.engine.onnx.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;

/**
 * Where a result goes. It is written whole beside its place, under a hidden name, and renamed: a conversion killed at any moment leaves
 * what was there, and at most a hidden folder that the next conversion to the same place removes.
 */
final class OutputFolder {
    private static final String MODEL = "model.onnx";
    private static final String REPORT = "conversion.json";
    /** The repository's loader refuses a version with this file, with the text in it. */
    private static final String REJECTED = "REJECTED";

    private final Path place;
    private final Path staged;
    private final Path replaced;

    private OutputFolder(Path place) {
        this.place = place;
        this.staged = place.resolveSibling("." + place.getFileName() + ".converting");
        this.replaced = place.resolveSibling("." + place.getFileName() + ".replaced");
    }

    /** Refuses early what would be refused after long work. */
    static OutputFolder at(Path folder, boolean replace) throws EngineException {
        var place = folder.toAbsolutePath().normalize();
        if (place.getFileName() == null) {
            throw new EngineException(Fault.UNWRITABLE, folder + " cannot be written to: name a new folder");
        }
        if (Files.exists(place) && !replace) {
            throw new EngineException(
                    Fault.OUTPUT_EXISTS, folder + " is there already: name a new folder, or replace it with --replace");
        }
        if (Files.exists(place) && !Files.exists(place.resolve(REPORT))) {
            throw new EngineException(
                    Fault.OUTPUT_EXISTS,
                    folder + " is no conversion's result, it has no " + REPORT + ": --replace leaves it alone");
        }
        return new OutputFolder(place);
    }

    /** @throws EngineException when the disk does not take it; what was at the place before is still there */
    void write(ModelProto model, Report report) throws EngineException {
        try {
            delete(staged);
            if (Files.exists(replaced) && !Files.exists(place)) {
                // the last conversion was killed between the two renames below
                Files.move(replaced, place, StandardCopyOption.ATOMIC_MOVE);
            }
            delete(replaced);
            Files.createDirectories(staged);
            OnnxFile.write(model, staged.resolve(MODEL));
            Files.writeString(staged.resolve(REPORT), ReportJson.write(report) + "\n");
            if (report.isRejected()) {
                Files.writeString(staged.resolve(REJECTED), String.join("\n", report.failures()) + "\n");
            }
            if (Files.exists(place)) {
                Files.move(place, replaced, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(staged, place, StandardCopyOption.ATOMIC_MOVE);
            delete(replaced);
        } catch (IOException unwritable) {
            throw new EngineException(Fault.UNWRITABLE, "cannot write " + place + ": " + unwritable, unwritable);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
