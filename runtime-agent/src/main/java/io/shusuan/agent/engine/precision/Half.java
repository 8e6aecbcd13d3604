package io.shusuan.agent.engine.precision;

import io.shusuan.agent.engine.graph.TensorValues;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.util.Locale;

/** The two types of 16 bits: FLOAT16 is finer, BFLOAT16 reaches as far as FP32. */
public enum Half {
    FLOAT16(DataType.FLOAT16, 'h', 65504f, 0x1p-14f),
    BFLOAT16(DataType.BFLOAT16, 'b', Float.intBitsToFloat(0x7F7F0000), Float.MIN_NORMAL);

    /** Below this share of weights, those that become zero do not matter. */
    private static final double FEW = 0.01;

    private final DataType type;
    private final char letter;
    private final float largest;
    private final float smallest;

    Half(DataType type, char letter, float largest, float smallest) {
        this.type = type;
        this.letter = letter;
        this.largest = largest;
        this.smallest = smallest;
    }

    DataType type() {
        return type;
    }

    /** What the table of operators writes for "may have this type". */
    char allowed() {
        return letter;
    }

    /** What it writes for "ONNX Runtime computes it on the CPU". */
    char hasKernel() {
        return Character.toUpperCase(letter);
    }

    float largest() {
        return largest;
    }

    /** The smallest number with full precision. */
    float smallest() {
        return smallest;
    }

    short bits(float value) {
        if (this == FLOAT16) {
            return Float.floatToFloat16(value);
        }
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        // to the nearest, ties to even: a carry into the exponent is right, too
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    float value(short bits) {
        return this == FLOAT16 ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
    }

    /** The tensor rounded to this type. */
    TensorProto rounded(TensorProto tensor, String name) {
        float[] values = TensorValues.floats(tensor);
        var raw = TensorValues.bytes(values.length, Short.BYTES);
        for (float value : values) {
            raw.putShort(bits(value));
        }
        return TensorValues.raw(name, type, tensor.getDimsList(), raw);
    }

    /** Why weights should not be rounded to this type; empty when they may be. */
    String objection(TensorProto tensor) {
        int lost = 0;
        float[] values = TensorValues.floats(tensor);
        for (float value : values) {
            // what is masked out is minus infinity, which both types have
            if (Math.abs(value) > largest && Float.isFinite(value)) {
                return "constant '%s' holds %s, beyond %s's %s".formatted(tensor.getName(), value, this, largest);
            }
            if (value != 0 && value(bits(value)) == 0) {
                lost++;
            }
        }
        return lost <= FEW * values.length
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%.0f %% of the constant '%s' would become zero in %s",
                        100.0 * lost / values.length,
                        tensor.getName(),
                        this);
    }
}
