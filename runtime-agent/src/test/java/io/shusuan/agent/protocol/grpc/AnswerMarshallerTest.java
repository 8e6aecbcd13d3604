package io.shusuan.agent.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Drainable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse.InferOutputTensor;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerMarshallerTest {
    @Test
    void writesWhatProtobufWouldHaveWritten() throws Exception {
        var tensor = tensor(300);
        var message = new AnswerMessage(
                ModelInferResponse.newBuilder()
                        .setModelName("m")
                        .addOutputs(InferOutputTensor.newBuilder().setName("OUTPUT0"))
                        .addOutputs(InferOutputTensor.newBuilder().setName("OUTPUT1"))
                        .build(),
                List.of(tensor, Unpooled.EMPTY_BUFFER));
        try (var written = new AnswerMarshaller().stream(message)) {
            int announced = written.available();
            var bytes = new ByteArrayOutputStream();
            int drained = ((Drainable) written).drainTo(bytes);
            assertThat(bytes.toByteArray()).isEqualTo(message.whole().toByteArray());
            assertThat(announced).isEqualTo(bytes.size()).isEqualTo(drained);
            assertThat(written.available()).isZero();
        } finally {
            tensor.release();
        }
    }

    /** Outside the heap, and not at the beginning of its memory, as an engine leaves it. */
    private static ByteBuf tensor(int size) {
        var buffer = Unpooled.directBuffer(size + 8);
        for (int i = 0; i < size + 8; i++) {
            buffer.writeByte(i);
        }
        return buffer.skipBytes(8);
    }
}
