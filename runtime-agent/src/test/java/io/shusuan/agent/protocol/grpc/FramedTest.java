package io.shusuan.agent.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse.InferOutputTensor;
import io.shusuan.agent.protocol.grpc.proto.ModelStreamInferResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramedTest {
    private static final ModelInferResponse DESCRIBED = ModelInferResponse.newBuilder()
            .setModelName("m")
            .addOutputs(InferOutputTensor.newBuilder().setName("OUTPUT0"))
            .addOutputs(InferOutputTensor.newBuilder().setName("OUTPUT1"))
            .build();

    /** Small answers are one piece, large ones have their tensors as they lie. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 300, 16_000, 17_000, 300_000})
    void writesWhatProtobufWouldHaveWritten(int size) throws Exception {
        var tensor = tensor(size);
        var other = tensor(5);
        var answer = new AnswerMessage(DESCRIBED, List.of(tensor, Unpooled.EMPTY_BUFFER, other));
        var whole = DESCRIBED.toBuilder()
                .addRawOutputContents(ByteString.copyFrom(tensor.nioBuffer()))
                .addRawOutputContents(ByteString.EMPTY)
                .addRawOutputContents(ByteString.copyFrom(other.nioBuffer()))
                .build();

        assertThat(bytes(Framed.answer(answer))).isEqualTo(whole.toByteArray());
        assertThat(bytes(Framed.streamed(answer)))
                .isEqualTo(ModelStreamInferResponse.newBuilder()
                        .setInferResponse(whole)
                        .build()
                        .toByteArray());
        assertThat(tensor.release() && other.release()).isTrue(); // nobody else has a reference
    }

    @Test
    void largeTensorsAreNotCopied() {
        var tensor = tensor(1 << 20);
        var pieces = Framed.answer(new AnswerMessage(DESCRIBED, List.of(tensor)));
        assertThat(pieces).hasSize(2);
        assertThat(pieces.getLast().memoryAddress()).isEqualTo(tensor.memoryAddress() + tensor.readerIndex());
        pieces.forEach(ByteBuf::release);
        tensor.release();
    }

    private static byte[] bytes(List<ByteBuf> pieces) {
        var all = Unpooled.wrappedBuffer(pieces.toArray(ByteBuf[]::new));
        try {
            assertThat(all.readByte()).isZero();
            assertThat(all.readInt()).isEqualTo(all.readableBytes());
            var bytes = new byte[all.readableBytes()];
            all.readBytes(bytes);
            return bytes;
        } finally {
            all.release();
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
