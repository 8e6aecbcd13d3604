package io.shusuan.agent.engine.gate;

/**
 * How far an output is from the original's, over all samples. Elements that are whole numbers differ by 1 or not at all.
 *
 * @param max the largest difference of one element
 * @param mean the mean difference
 * @param scale the mean distance of the original's elements from zero, which errors are to be seen beside
 */
public record OutputError(String output, double max, double mean, double scale) {
    /** The mean difference as a share of what the output usually is. */
    public double relative() {
        return scale == 0 ? mean : mean / scale;
    }
}
