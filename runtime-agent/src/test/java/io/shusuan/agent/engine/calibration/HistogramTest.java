package io.shusuan.agent.engine.calibration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which part of what was seen each method keeps. */
class HistogramTest {
    private static final int COUNT = 200_000;

    private static float[] bell() {
        var random = new Random(3);
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** As many of each size, from −1 to 1. */
    private static float[] even() {
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = -1 + 2f * i / (COUNT - 1);
        }
        return values;
    }

    private static float[] with(float[] values, float... outliers) {
        float[] all = Arrays.copyOf(values, values.length + outliers.length);
        System.arraycopy(outliers, 0, all, values.length, outliers.length);
        return all;
    }

    private static Range kept(Method method, float[] values) {
        float min = values[0];
        float max = values[0];
        for (float value : values) {
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        var histogram = new Histogram(new Range(min, max));
        histogram.add(values);
        return histogram.range(method);
    }

    @Test
    void minMaxKeepsAll() {
        assertThat(kept(Method.MIN_MAX, with(even(), 100))).isEqualTo(new Range(-1, 100));
    }

    /** Two in 200,000 go, wherever they lie; a third stays, and so do values that many have. */
    @Test
    void percentileLetsTheRarestGo() {
        var one = kept(Method.PERCENTILE, with(even(), 100));
        assertThat(one.min()).isEqualTo(-1);
        assertThat(one.max()).isBetween(1f, 1.1f);

        var both = kept(Method.PERCENTILE, with(even(), -60, 100));
        assertThat(both.min()).isBetween(-1.1f, -1f);
        assertThat(both.max()).isBetween(1f, 1.1f);

        assertThat(kept(Method.PERCENTILE, with(even(), 98, 99, 100)).max()).isGreaterThan(97);
        assertThat(kept(Method.PERCENTILE, even())).isEqualTo(new Range(-1, 1));
    }

    /** A hundred far away are too many for a percentile, and still not worth the steps that the others lose by them. */
    @Test
    void entropyCutsAThinTailAndNothingOfAnEvenOne() {
        float[] far = new float[100];
        Arrays.fill(far, 60);

        var bell = kept(Method.ENTROPY, with(bell(), far));

        assertThat(bell.max()).isBetween(3f, 10f);
        assertThat(kept(Method.PERCENTILE, with(bell(), far)).max()).isEqualTo(60);
        assertThat(kept(Method.ENTROPY, even()).absolute()).isGreaterThan(0.99f);
    }

    @Test
    void oneValueAloneIsItsOwnRange() {
        for (var method : Method.values()) {
            assertThat(kept(method, new float[] {3, 3, 3})).isEqualTo(new Range(3, 3));
        }
    }

    @Test
    void whatIsNotFiniteCountsNowhere() {
        var histogram = new Histogram(new Range(-1, 1));
        histogram.add(even());
        histogram.add(new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY});

        assertThat(histogram.range(Method.PERCENTILE)).isEqualTo(new Range(-1, 1));
    }
}
