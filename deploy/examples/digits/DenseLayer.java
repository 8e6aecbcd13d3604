import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A fully connected layer, {@code outputs = inputs × weights + biases}, that learns by gradient descent with momentum.
 *
 * <p>Weights lie input by input, so the inner loops run along memory, and an input of zero costs nothing: half of the
 * pixels are paper.
 */
final class DenseLayer {

    private static final float MOMENTUM = 0.9f;

    final int inputs;
    final int outputs;
    final float[] weights;
    final float[] biases;
    private final float[] weightGradients;
    private final float[] biasGradients;
    private final float[] weightVelocities;
    private final float[] biasVelocities;

    DenseLayer(int inputs, int outputs, RandomGenerator random) {
        this.inputs = inputs;
        this.outputs = outputs;
        weights = new float[inputs * outputs];
        biases = new float[outputs];
        weightGradients = new float[weights.length];
        biasGradients = new float[biases.length];
        weightVelocities = new float[weights.length];
        biasVelocities = new float[biases.length];

        // He's rule: keeps the size of activations steady through layers of rectified units.
        float bound = (float) Math.sqrt(6.0 / inputs);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (2 * random.nextFloat() - 1) * bound;
        }
    }

    float[] forward(float[] input) {
        var output = biases.clone();
        for (int i = 0; i < inputs; i++) {
            float value = input[i];
            if (value == 0) {
                continue;
            }
            int row = i * outputs;
            for (int o = 0; o < outputs; o++) {
                output[o] += value * weights[row + o];
            }
        }
        return output;
    }

    /** Adds one example's share to the gradients, given the loss's slope along this layer's output. */
    void accumulate(float[] input, float[] slope) {
        for (int o = 0; o < outputs; o++) {
            biasGradients[o] += slope[o];
        }
        for (int i = 0; i < inputs; i++) {
            float value = input[i];
            if (value == 0) {
                continue;
            }
            int row = i * outputs;
            for (int o = 0; o < outputs; o++) {
                weightGradients[row + o] += value * slope[o];
            }
        }
    }

    /** The loss's slope along this layer's input. */
    float[] backward(float[] slope) {
        var inputSlope = new float[inputs];
        for (int i = 0; i < inputs; i++) {
            int row = i * outputs;
            float sum = 0;
            for (int o = 0; o < outputs; o++) {
                sum += weights[row + o] * slope[o];
            }
            inputSlope[i] = sum;
        }
        return inputSlope;
    }

    /** Moves against the gradients gathered so far, and forgets them. */
    void descend(float rate) {
        descend(weights, weightVelocities, weightGradients, rate);
        descend(biases, biasVelocities, biasGradients, rate);
    }

    private static void descend(float[] parameters, float[] velocities, float[] gradients, float rate) {
        for (int i = 0; i < parameters.length; i++) {
            velocities[i] = MOMENTUM * velocities[i] - rate * gradients[i];
            parameters[i] += velocities[i];
        }
        Arrays.fill(gradients, 0);
    }
}
