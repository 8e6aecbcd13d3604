package io.shusuan.agent.scheduling;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelSequenceBatching.Control;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.CorrelationId;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.SequenceStep;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An input in which a model is told of each row where its sequence stands. */
record ControlInput(String name, Control control, DataType type, boolean batched) {
    static List<ControlInput> of(ModelConfig config) {
        var inputs = new ArrayList<ControlInput>();
        for (var input : config.getSequenceBatching().getControlInputList()) {
            for (var control : input.getControlList()) {
                inputs.add(new ControlInput(input.getName(), control, type(control), config.getMaxBatchSize() > 0));
            }
        }
        return List.copyOf(inputs);
    }

    private static DataType type(Control control) {
        if (control.getKind() == Control.Kind.CONTROL_SEQUENCE_CORRID) {
            return DataType.named(control.getDataType().name()).orElse(DataType.UINT64);
        }
        if (control.getInt32FalseTrueCount() > 0) {
            return DataType.INT32;
        }
        return control.getFp32FalseTrueCount() > 0 ? DataType.FP32 : DataType.BOOL;
    }

    /**
     * @param rows the steps of the rows, null for an empty one
     */
    Tensor of(List<@Nullable SequenceStep> rows) {
        var data = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, rows.size() * Long.BYTES));
        for (var step : rows) {
            switch (control.getKind()) {
                case CONTROL_SEQUENCE_START -> write(data, step != null && step.start());
                case CONTROL_SEQUENCE_END -> write(data, step != null && step.end());
                case CONTROL_SEQUENCE_READY -> write(data, step != null);
                case CONTROL_SEQUENCE_CORRID -> write(data, step == null ? null : step.id());
                case UNRECOGNIZED -> throw new IllegalStateException("an unknown control was not refused");
            }
        }
        return new Tensor(name, type, batched ? Shape.of(rows.size(), 1) : Shape.of(1), data);
    }

    private void write(ByteBuf data, boolean value) {
        int choice = value ? 1 : 0;
        if (type == DataType.INT32) {
            data.writeIntLE(control.getInt32FalseTrue(choice));
        } else if (type == DataType.FP32) {
            data.writeFloatLE(control.getFp32FalseTrue(choice));
        } else {
            data.writeBoolean(control.getBoolFalseTrueCount() > 0 ? control.getBoolFalseTrue(choice) : value);
        }
    }

    private void write(ByteBuf data, @Nullable CorrelationId id) {
        if (type == DataType.BYTES) {
            ByteStrings.append(data, (id == null ? "" : id.toString()).getBytes(StandardCharsets.UTF_8));
            return;
        }
        long number = id instanceof CorrelationId.Numeric numeric ? numeric.value() : 0;
        if (type.size() == Long.BYTES) {
            data.writeLongLE(number);
        } else {
            data.writeIntLE((int) number);
        }
    }
}
