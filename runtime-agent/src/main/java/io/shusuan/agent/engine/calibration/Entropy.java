package io.shusuan.agent.engine.calibration;

/**
 * Chooses the threshold beyond which values are cut off, as TensorRT's calibrator does: for each candidate the distribution of what is
 * kept, cut-off values heaped on its ends, is compared with the same in 128 levels, and the threshold with the smallest relative entropy
 * wins.
 */
final class Entropy {
    private static final int LEVELS = 128;
    private static final int STEP = 16;
    private static final double NOTHING = 1e-10;

    private Entropy() {}

    static Range range(long[] counts, Range observed) {
        // over distances from zero: values below and above it share one threshold
        double[] distances = new double[Histogram.BINS];
        double width = (double) observed.absolute() / Histogram.BINS;
        double bin = ((double) observed.max() - observed.min()) / counts.length;
        for (int i = 0; i < counts.length; i++) {
            double distance = Math.abs(observed.min() + (i + 0.5) * bin);
            distances[Math.min((int) (distance / width), Histogram.BINS - 1)] += counts[i];
        }
        int best = Histogram.BINS;
        double least = Double.MAX_VALUE;
        for (int kept = LEVELS; kept <= Histogram.BINS; kept += STEP) {
            double divergence = divergence(distances, kept);
            if (divergence < least) {
                least = divergence;
                best = kept;
            }
        }
        float threshold = (float) (best * width);
        float min = Math.max(observed.min(), -threshold);
        float max = Math.min(observed.max(), threshold);
        return new Range(min, max);
    }

    private static double divergence(double[] distances, int kept) {
        double[] reference = new double[kept];
        System.arraycopy(distances, 0, reference, 0, kept);
        double total = 0;
        for (int i = 0; i < distances.length; i++) {
            total += distances[i];
            if (i >= kept) {
                reference[kept - 1] += distances[i];
            }
        }
        double divergence = 0;
        for (int level = 0; level < LEVELS; level++) {
            int begin = level * kept / LEVELS;
            int end = (level + 1) * kept / LEVELS;
            divergence += level(distances, reference, begin, end, total);
        }
        return divergence;
    }

    /** One level's part: its values are spread evenly over the bins that had any. */
    private static double level(double[] distances, double[] reference, int begin, int end, double total) {
        double sum = 0;
        int filled = 0;
        for (int i = begin; i < end; i++) {
            sum += distances[i];
            filled += distances[i] > 0 ? 1 : 0;
        }
        double divergence = 0;
        for (int i = begin; i < end; i++) {
            if (reference[i] > 0) {
                double p = reference[i] / total;
                double q = filled == 0 || distances[i] == 0 ? NOTHING : sum / filled / total;
                divergence += p * Math.log(p / q);
            }
        }
        return divergence;
    }
}
