import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The model: pixels scaled to 0..1, one hidden layer of rectified units, and a probability for each of the ten digits.
 *
 * <p>Everything runs on one thread, and exponentials and logarithms come from {@link StrictMath}: the same seed gives
 * the same bits on every machine.
 */
final class Network {

    static final float PIXEL_SCALE = 1f / Digit.DARKEST;
    private static final int HIDDEN_UNITS = 128;

    final DenseLayer hidden;
    final DenseLayer output;

    Network(RandomGenerator random) {
        hidden = new DenseLayer(Digit.PIXELS, HIDDEN_UNITS, random);
        output = new DenseLayer(HIDDEN_UNITS, Digit.CLASSES, random);
    }

    /** One step of gradient descent on a mini-batch. Returns the sum of its losses. */
    double learn(List<Digit> batch, double rate) {
        double loss = 0;
        for (var digit : batch) {
            loss += gather(digit);
        }
        float share = (float) (rate / batch.size());
        hidden.descend(share);
        output.descend(share);
        return loss;
    }

    private double gather(Digit digit) {
        var scaled = scaled(digit.pixels());
        var activations = rectified(hidden.forward(scaled));
        var slope = softmax(output.forward(activations));
        double loss = -StrictMath.log(Math.max(slope[digit.label()], Float.MIN_NORMAL));

        // Cross-entropy after softmax has the slope "probability minus truth".
        slope[digit.label()] -= 1;
        output.accumulate(activations, slope);

        var hiddenSlope = output.backward(slope);
        for (int unit = 0; unit < HIDDEN_UNITS; unit++) {
            if (activations[unit] == 0) {
                hiddenSlope[unit] = 0;
            }
        }
        hidden.accumulate(scaled, hiddenSlope);
        return loss;
    }

    float[] probabilities(float[] pixels) {
        return softmax(output.forward(rectified(hidden.forward(scaled(pixels)))));
    }

    /** The share of digits that are recognised. */
    double accuracy(List<Digit> digits) {
        long right = digits.stream()
                .filter(digit -> Digit.mostLikely(probabilities(digit.pixels())) == digit.label())
                .count();
        return (double) right / digits.size();
    }

    private static float[] scaled(float[] pixels) {
        var scaled = new float[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            scaled[i] = pixels[i] * PIXEL_SCALE;
        }
        return scaled;
    }

    private static float[] rectified(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.max(0, values[i]);
        }
        return values;
    }

    /** Turns scores into probabilities, in place; the largest score is taken off first so that nothing overflows. */
    private static float[] softmax(float[] scores) {
        float largest = scores[Digit.mostLikely(scores)];
        float sum = 0;
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (float) StrictMath.exp(scores[i] - largest);
            sum += scores[i];
        }
        for (int i = 0; i < scores.length; i++) {
            scores[i] /= sum;
        }
        return scores;
    }
}
