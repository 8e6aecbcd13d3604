package io.shusuan.agent.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferMessageReaderTest {
    private static final ModelInferRequest REQUEST = ModelInferRequest.newBuilder()
            .setModelName("m".repeat(200))
            .setId("7")
            .putParameters("n", InferParameter.newBuilder().setInt64Param(-1).build())
            .putParameters("d", InferParameter.newBuilder().setDoubleParam(0.5).build())
            .addInputs(
                    ModelInferRequest.InferInputTensor.newBuilder().setName("x").addShape(300))
            .build();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100, 1_000_000})
    void itDoesNotMatterWhereAMessageIsCut(int piece) throws IOException {
        byte[] tensor = new byte[300];
        new Random(1).nextBytes(tensor);
        var sent = REQUEST.toBuilder()
                .addRawInputContents(ByteString.copyFrom(tensor))
                .addRawInputContents(ByteString.EMPTY)
                .build();
        var whole = new ArrayList<InferMessage>();

        read(sent.toByteArray(), piece, whole);

        try (var message = whole.getFirst()) {
            assertThat(message.request()).isEqualTo(REQUEST);
            assertThat(message.raw()).hasSize(2);
            assertThat(message.raw().getFirst()).isEqualTo(Unpooled.wrappedBuffer(tensor));
            assertThat(message.raw().getLast().isReadable()).isFalse();
        }
    }

    @Test
    void whatIsNoMessageIsRefusedAndNothingOfItStays() {
        byte[] good = REQUEST.toBuilder()
                .addRawInputContents(ByteString.copyFrom(new byte[50]))
                .build()
                .toByteArray();
        var random = new Random(2);
        for (int i = 0; i < 2000; i++) {
            byte[] broken = good.clone();
            for (int j = 0; j < 3; j++) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            var whole = new ArrayList<InferMessage>();
            try {
                read(broken, 1 + random.nextInt(60), whole);
                whole.forEach(InferMessage::close);
            } catch (IOException refused) {
                assertThat(refused).isInstanceOf(InvalidProtocolBufferException.class);
                assertThat(whole).isEmpty();
            }
        }
    }

    @Test
    void aTensorIsNotLongerThanItsMessage() {
        byte[] lying = {(byte) (7 << 3 | 2), (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F};
        assertThatThrownBy(() -> read(lying, 5, new ArrayList<>()))
                .isInstanceOf(InvalidProtocolBufferException.class)
                .hasMessageContaining("longer than its message");
    }

    private static void read(byte[] bytes, int piece, List<InferMessage> whole) throws IOException {
        var reader = new InferMessageReader(bytes.length, whole::add);
        boolean done = false;
        try {
            for (int from = 0; from < bytes.length; from += piece) {
                int count = Math.min(piece, bytes.length - from);
                reader.read(Unpooled.wrappedBuffer(bytes, from, count), count);
            }
            done = true;
        } finally {
            if (!done) {
                reader.drop();
            }
        }
        reader.end();
    }
}
