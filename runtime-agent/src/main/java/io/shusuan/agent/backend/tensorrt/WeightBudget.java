package io.shusuan.agent.backend.tensorrt;

import java.util.Locale;
import java.util.regex.Pattern;

/** How much of an engine's weights stay on the GPU; the others are brought there from the host's memory, layer by layer, in every run. */
sealed interface WeightBudget {
    Pattern BYTES = Pattern.compile("(\\d{1,15})([KMG]?)");
    Pattern PERCENT = Pattern.compile("(\\d{1,3}(?:\\.\\d+)?)\\s*%");

    record Bytes(long bytes) implements WeightBudget {}

    record Percent(double percent) implements WeightBudget {}

    /** As much as there is room for. */
    record Automatic() implements WeightBudget {}

    /** @throws IllegalArgumentException with the end of a sentence that begins with what was parsed */
    static WeightBudget parse(String text) {
        if (text.toLowerCase(Locale.ROOT).equals("automatic")) {
            return new Automatic();
        }
        var percent = PERCENT.matcher(text);
        if (percent.matches() && Double.parseDouble(percent.group(1)) <= 100) {
            return new Percent(Double.parseDouble(percent.group(1)));
        }
        var bytes = BYTES.matcher(text);
        if (bytes.matches()) {
            int shift = 10 * " KMG".indexOf(bytes.group(2).isEmpty() ? " " : bytes.group(2));
            return new Bytes(Math.multiplyExact(Long.parseLong(bytes.group(1)), 1L << shift));
        }
        throw new IllegalArgumentException(
                "takes a number of bytes (K, M and G may follow), a share of the weights in per cent "
                        + "(40%), or automatic, not '" + text + "'");
    }

    /** What is set aside before a plan is read, when only its size is known. */
    default long ofPlan(long size) {
        return switch (this) {
            case Bytes given -> Math.min(size, given.bytes());
            case Percent given -> share(size, given);
            case Automatic _ -> 0;
        };
    }

    /**
     * @param streamable all weights that may come and go
     * @param room what is left for them
     */
    default long of(long streamable, long room) {
        return switch (this) {
            case Bytes given -> Math.min(streamable, given.bytes());
            case Percent given -> share(streamable, given);
            case Automatic _ -> Math.clamp(room, 0, streamable);
        };
    }

    private static long share(long bytes, Percent given) {
        return (long) (bytes * given.percent() / 100);
    }
}
