package io.shusuan.agent.engine.calibration;

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

    /** Cuts off the rarest values of both ends together. */
    private Range percentile() {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        long spare = (long) (total * (1 - PERCENTILE));
        int low = 0;
        int high = BINS - 1;
        while (low < high) {
            boolean lower = counts[low] <= counts[high];
            long cost = lower ? counts[low] : counts[high];
            if (cost > spare) {
                break;
            }
            spare -= cost;
            if (lower) {
                low++;
            } else {
                high--;
            }
        }
        return new Range((float) (observed.min() + low * width), (float) (observed.min() + (high + 1) * width));
    }
}
