package io.shusuan.agent.engine.conversion;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Where a result goes. It is written whole beside its place, under a hidden name, and renamed: a command killed at any moment leaves
 * what was there, and at most a hidden folder that the next one with the same place removes.
 */
public final class OutputFolder {
    /** The repository's loader refuses a version with this file, with the text in it. */
    private static final String REJECTED = "REJECTED";

    private final Path place;
    private final Path staged;
    private final Path replaced;

    private OutputFolder(Path place) {
        this.place = place;
        this.staged = place.resolveSibling("." + place.getFileName() + ".writing");
        this.replaced = place.resolveSibling("." + place.getFileName() + ".replaced");
    }

    /** What a result consists of. */
    public interface Filling {
        void write(Path folder) throws IOException;
    }

    /**
     * Refuses early what would be refused after long work.
     *
     * @param report the file by which a result of this kind is known
     */
    public static OutputFolder at(Path folder, boolean replace, String report) throws EngineException {
        var place = folder.toAbsolutePath().normalize();
        if (place.getFileName() == null) {
            throw new EngineException(Fault.UNWRITABLE, folder + " cannot be written to: name a new folder");
        }
        if (Files.exists(place) && !replace) {
            throw new EngineException(
                    Fault.OUTPUT_EXISTS, folder + " is there already: name a new folder, or replace it with --replace");
        }
        if (Files.exists(place) && !Files.exists(place.resolve(report))) {
            throw new EngineException(
                    Fault.OUTPUT_EXISTS,
                    folder + " is no earlier result, it has no " + report + ": --replace leaves it alone");
        }
        return new OutputFolder(place);
    }

    /** @throws EngineException when the disk does not take it; what was at the place before is still there */
    public void write(Filling filling) throws EngineException {
        try {
            Folders.delete(staged);
            if (Files.exists(replaced) && !Files.exists(place)) {
                // the last one was killed between the two renames below
                Files.move(replaced, place, StandardCopyOption.ATOMIC_MOVE);
            }
            Folders.delete(replaced);
            Files.createDirectories(staged);
            filling.write(staged);
            if (Files.exists(place)) {
                Files.move(place, replaced, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(staged, place, StandardCopyOption.ATOMIC_MOVE);
            Folders.delete(replaced);
        } catch (IOException unwritable) {
            throw new EngineException(Fault.UNWRITABLE, "cannot write " + place + ": " + unwritable, unwritable);
        }
    }

    /** Marks a result that has failed its gates; one without failures stays unmarked. */
    public static void reject(Path folder, List<String> failures) throws IOException {
        if (!failures.isEmpty()) {
            Files.writeString(folder.resolve(REJECTED), String.join("\n", failures) + "\n");
        }
    }

    /** Why a result must not be served; empty when it may. */
    public static Optional<String> rejection(Path folder) throws IOException {
        var mark = folder.resolve(REJECTED);
        return Files.exists(mark) ? Optional.of(Files.readString(mark).strip()) : Optional.empty();
    }
}
