package io.shusuan.agent.engine.sample;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import io.shusuan.agent.engine.session.TensorType;
import io.shusuan.agent.engine.session.Value;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The array for one input, checked against what the input takes.
 *
 * @param whole whether each sample is a whole input, so that the array has one more axis, where the input has none that counts samples
 */
record InputArray(TensorType input, NpyArray array, boolean whole) {
    static InputArray match(TensorType input, NpyArray array) throws EngineException {
        if (array.type() != input.type()) {
            throw mismatch(input, "the array's elements are " + array.type() + "; convert them with astype");
        }
        int more = array.shape().length - input.shape().length;
        if ((more != 0 && more != 1) || array.shape().length == 0) {
            throw mismatch(
                    input,
                    "the array has the shape " + Arrays.toString(array.shape())
                            + "; its axes must be the input's, the first counting the samples, or one more in front of them"
                            + " where each sample is a whole input");
        }
        for (int axis = 1 - more; axis < input.shape().length; axis++) {
            if (input.shape()[axis] >= 0 && input.shape()[axis] != array.shape()[axis + more]) {
                throw mismatch(
                        input,
                        "the array has the shape " + Arrays.toString(array.shape()) + ", axis " + (axis + more)
                                + " must be " + input.shape()[axis]);
            }
        }
        if (array.type() == DataType.FLOAT) {
            refuseInfinite(input, array);
        }
        return new InputArray(input, array, more == 1);
    }

    private static void refuseInfinite(TensorType input, NpyArray array) throws EngineException {
        var values =
                array.data().duplicate().order(ByteOrder.nativeOrder()).rewind().asFloatBuffer();
        while (values.hasRemaining()) {
            float value = values.get();
            if (!Float.isFinite(value)) {
                throw mismatch(
                        input, "element " + (values.position() - 1) + " is " + value + ", from which no range follows");
            }
        }
    }

    private static EngineException mismatch(TensorType input, String why) {
        return new EngineException(
                Fault.SAMPLES_MISMATCH, "the samples do not fit the model's input " + input + ": " + why);
    }

    String name() {
        return input.name();
    }

    long count() {
        return array.shape()[0];
    }

    /** How many rows the input takes at a time, 0 when that is open or it takes none. */
    long fixedRows() {
        return whole ? 0 : Math.max(0, input.shape()[0]);
    }

    Value rows(int begin, int end) {
        long[] shape = whole
                ? Arrays.copyOfRange(array.shape(), 1, array.shape().length)
                : array.shape().clone();
        if (!whole) {
            shape[0] = (long) end - begin;
        }
        var data = array.data().slice(begin * array.rowBytes(), (end - begin) * array.rowBytes());
        return new Value(array.type(), shape, data.order(ByteOrder.nativeOrder()));
    }
}
