package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The word that a job should end, kept in its folder: a platform that starts anew starts nothing of it again, until a later run of
 * the job is wanted.
 *
 * @param killAt when what still lives is killed; never later than an earlier order said
 */
record StopOrder(Instant killAt) {

    static StopOrder give(Path jobFolder, Duration grace) throws IOException {
        var order = new StopOrder(Instant.now().plus(grace));
        var earlier = read(jobFolder);
        if (earlier.isPresent() && !order.killAt.isBefore(earlier.get().killAt)) {
            return earlier.get();
        }
        var part = jobFolder.resolve("stopping.new");
        Files.writeString(part, Long.toString(order.killAt.toEpochMilli()));
        Files.move(part, file(jobFolder), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return order;
    }

    static Optional<StopOrder> read(Path jobFolder) throws IOException {
        try {
            var text = Files.readString(file(jobFolder)).strip();
            return Optional.of(new StopOrder(Instant.ofEpochMilli(Long.parseLong(text))));
        } catch (NoSuchFileException notGiven) {
            return Optional.empty();
        } catch (NumberFormatException garbage) {
            // Somebody wanted it to end; when is not known any more.
            return Optional.of(new StopOrder(Instant.EPOCH));
        }
    }

    static boolean isGiven(Path jobFolder) {
        return Files.exists(file(jobFolder));
    }

    static void lift(Path jobFolder) throws IOException {
        Files.deleteIfExists(file(jobFolder));
    }

    private static Path file(Path jobFolder) {
        return jobFolder.resolve("stopping");
    }
}
