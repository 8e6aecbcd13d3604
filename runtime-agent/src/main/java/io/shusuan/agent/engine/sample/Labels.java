package io.shusuan.agent.engine.sample;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import java.nio.ByteOrder;

/** The right answers, as class numbers. */
final class Labels {
    private Labels() {}

    static int[] of(NpyArray array) throws EngineException {
        var data = array.data().duplicate().order(ByteOrder.nativeOrder()).rewind();
        int[] labels = new int[(int) array.shape()[0]];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = switch (array.type()) {
                case INT64 -> (int) data.getLong();
                case INT32 -> data.getInt();
                case INT16 -> data.getShort();
                case INT8 -> data.get();
                case UINT8 -> Byte.toUnsignedInt(data.get());
                default ->
                    throw new EngineException(
                            Fault.SAMPLES_MISMATCH,
                            "labels are of type " + array.type() + ": they must be integers, the numbers of classes");
            };
        }
        return labels;
    }
}
