package io.shusuan.agent.engine.precision;

/** FLOAT8E4M3FN: a sign, four bits of exponent, three of fraction, no infinity. */
final class Float8 {
    static final int LARGEST = 448;

    private static final int BIAS = 7;
    private static final int FRACTION_BITS = 3;

    private Float8() {}

    /** The nearest, ties to even; what is larger than the largest becomes the largest. */
    static byte bits(float value) {
        int sign = Float.floatToRawIntBits(value) < 0 ? 0x80 : 0;
        if (Float.isNaN(value)) {
            return (byte) (sign | 0x7F);
        }
        float size = Math.min(Math.abs(value), LARGEST);
        int exponent = Math.max(Math.getExponent(size), 1 - BIAS);
        int steps = (int) Math.rint(size / Math.scalb(1f, exponent - FRACTION_BITS));
        // the leading one of a normal number is not stored; a carry into the next exponent adds up by itself
        int stored = ((exponent + BIAS - 1) << FRACTION_BITS) + steps;
        return (byte) (sign | stored);
    }

    /** The nearest number that the type has. */
    static float rounded(float value) {
        float size = Math.min(Math.abs(value), LARGEST);
        int exponent = Math.max(Math.getExponent(size), 1 - BIAS);
        float step = Math.scalb(1f, exponent - FRACTION_BITS);
        return Math.copySign((float) Math.rint(size / step) * step, value);
    }
}
