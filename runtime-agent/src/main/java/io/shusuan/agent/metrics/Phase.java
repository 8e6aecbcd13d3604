package io.shusuan.agent.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A part of a request's way whose length is counted. */
public enum Phase {
    QUEUE("Time a request waited for an instance"),
    COMPUTE_INPUT("Time to bring a request's inputs to the engine"),
    COMPUTE_INFER("Time the engine took"),
    COMPUTE_OUTPUT("Time to bring the outputs back");

    private final String help;

    Phase(String help) {
        this.help = help;
    }

    /** Upper bounds of the buckets in which every phase is counted; one more bucket takes what is longer. */
    public static List<Double> upperBoundsMs() {
        return Arrays.stream(PhaseHistograms.BOUNDS)
                .mapToObj(nanos -> nanos / 1e6)
                .toList();
    }

    String help() {
        return help;
    }

    String family() {
        return "shusuan_inference_" + name().toLowerCase(Locale.ROOT) + "_duration_seconds";
    }
}
