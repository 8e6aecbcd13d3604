package io.shusuan.agent.conversion;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A conversion as it is now.
 *
 * @param words the command that carries it out
 * @param failure what the command said, with its code; empty unless it failed or was cancelled
 */
public record Conversion(
        String id,
        ConversionOrder order,
        List<String> words,
        State state,
        String failure,
        Instant submitted,
        @Nullable Instant started,
        @Nullable Instant ended) {
    private static final String REPORT = "conversion.json";

    /** Where a conversion is. What is REJECTED by a gate lies in its version and is not served. */
    public enum State {
        QUEUED,
        RUNNING,
        ACCEPTED,
        REJECTED,
        FAILED,
        CANCELLED;

        public boolean isEnd() {
            return this != QUEUED && this != RUNNING;
        }
    }

    public Conversion {
        words = List.copyOf(words);
    }

    static Conversion queued(String id, ConversionOrder order, List<String> words, Instant now) {
        return new Conversion(id, order, words, State.QUEUED, "", now, null, null);
    }

    Conversion started(Instant now) {
        return new Conversion(id, order, words, State.RUNNING, "", submitted, now, null);
    }

    Conversion ended(State how, String why, Instant now) {
        return new Conversion(id, order, words, how, why, submitted, started, now);
    }

    /** The code before the colon of what the command said, when it has one. */
    public Optional<String> code() {
        int colon = failure.indexOf(": ");
        return state == State.FAILED && colon > 0 && failure.substring(0, colon).matches("[A-Z0-9_]+")
                ? Optional.of(failure.substring(0, colon))
                : Optional.empty();
    }

    /** The report that lies beside the result, as JSON; empty when there is none, or no longer. */
    public Optional<String> report() {
        if (state != State.ACCEPTED && state != State.REJECTED) {
            return Optional.empty();
        }
        try {
            var output = Path.of(words.get(words.indexOf("--output") + 1));
            return Optional.of(Files.readString(output.resolve(REPORT)).strip());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
