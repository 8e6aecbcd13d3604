package io.shusuan.agent.engine.calibration;

import java.util.stream.LongStream;

/** How often values occur, in equal bins over a range that is known before. */
final class Histogram {
    static final int BINS = 2048;
    private static final double PERCENTILE = 0.99999;

    private final Range observed;
    private final long[] counts = new long[BINS];
    private final double width;

    Histogram(Range observed) {
        this.observed = observed;
        this.width = ((double) observed.max() - observed.min()) / BINS;
    }

    void add(float[] values) {
        if (width == 0) {
            return;
        }
        for (float value : values) {
            if (Float.isFinite(value)) {
                counts[Math.clamp((int) ((value - observed.min()) / width), 0, BINS - 1)]++;
            }
        }
    }

    Range range(Method method) {
        if (width == 0) {
            return observed;
        }
        return switch (method) {
            case MIN_MAX -> observed;
            case PERCENTILE -> percentile();
            case ENTROPY -> Entropy.range(counts, observed);
        };
    }

    /** The narrowest range that keeps all but so many: what lies far from the others goes before the ends of their own distribution do. */
    private Range percentile() {
        long total = LongStream.of(counts).sum();
        long kept = total - (long) (total * (1 - PERCENTILE));
        int low = 0;
        int high = BINS;
        long within = 0;
        int begin = 0;
        for (int end = 1; end <= BINS; end++) {
            within += counts[end - 1];
            while (within - counts[begin] >= kept) {
                within -= counts[begin++];
            }
            if (within >= kept && end - begin < high - low) {
                low = begin;
                high = end;
            }
        }
        return new Range((float) (observed.min() + low * width), (float) (observed.min() + high * width));
    }
}
