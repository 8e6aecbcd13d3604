package io.shusuan.agent.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SessionTest {
    /** ONNX Runtime's Java API numbers types otherwise than ONNX does: INT32 once went in as INT64. */
    @Test
    void feedsNumbersThatAreNoFloats() throws EngineException {
        var model = Path.of("src/test/resources/models/add_sub.onnx");
        try (var session = Session.open(model, SessionSettings.literal())) {
            var answer = session.run(Map.of("A", numbers(1, 2, 3, 4), "B", numbers(10, 20, 30, 40)));

            assertThat(Objects.requireNonNull(answer.get("SUM")).floats()).containsExactly(11, 22, 33, 44);
        }
    }

    private static Value numbers(int... values) {
        var bytes = ByteBuffer.allocateDirect(values.length * Integer.BYTES).order(ByteOrder.nativeOrder());
        for (int value : values) {
            bytes.putInt(value);
        }
        return new Value(DataType.INT32, new long[] {1, values.length}, bytes.flip());
    }
}
