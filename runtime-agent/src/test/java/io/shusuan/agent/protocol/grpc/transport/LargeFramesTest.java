package io.shusuan.agent.protocol.grpc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.ModelRepository;
import io.shusuan.agent.RunningAgent;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames beyond HTTP/2's usual 16 KiB, which are taken as they arrive, and what else may be around them. */
class LargeFramesTest {
    private static final String INFER = "/inference.GRPCInferenceService/ModelInfer";
    private static final String STREAM_INFER = "/inference.GRPCInferenceService/ModelStreamInfer";
    private static final int WINDOW = 1 << 20;
    private static final int FRAME_SIZE_ERROR = 6;

    @TempDir
    private Path folder;

    private RunningAgent agent;
    private RawConnection connection;

    @BeforeEach
    void start() throws Exception {
        agent = RunningAgent.serving(new ModelRepository(folder).identity("m", """
                backend: "identity"
                max_batch_size: 0
                input { name: "INPUT0" data_type: TYPE_UINT8 dims: [ -1 ] }
                output { name: "OUTPUT0" data_type: TYPE_UINT8 dims: [ -1 ] }
                """));
        connection = new RawConnection(agent.grpc());
        connection.agree();
    }

    @AfterEach
    void stop() throws IOException {
        connection.close();
        agent.close();
    }

    /** Two calls at a time, whose frames of any size come by turns, cut anywhere by the network, with pings between them. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void messagesArriveWholeHoweverTheyAreCut(long seed) throws Exception {
        var random = new Random(seed);
        byte[][] tensors = {random(random, 3 << 20), random(random, 2 << 20)};
        byte[][] messages = {message(tensors[0]), message(tensors[1])};
        int[] sent = {100, 100};
        for (int i = 0; i < 2; i++) {
            connection.begin(stream(i), INFER);
            connection.write(data(i, 0, Arrays.copyOf(messages[i], sent[i])));
            connection.awaitWindow(stream(i), messages[i].length - WINDOW);
        }
        var frames = new ByteArrayOutputStream();
        while (sent[0] < messages[0].length || sent[1] < messages[1].length) {
            int i = sent[0] < messages[0].length && (sent[1] == messages[1].length || random.nextBoolean()) ? 0 : 1;
            int end = Math.min(messages[i].length, sent[i] + 1 + random.nextInt(random.nextBoolean() ? 100 : WINDOW));
            int flags = end == messages[i].length ? RawConnection.END_STREAM : 0;
            frames.writeBytes(data(i, flags, Arrays.copyOfRange(messages[i], sent[i], end)));
            frames.writeBytes(RawConnection.frame(RawConnection.PING, 0, 0, new byte[8]));
            sent[i] = end;
        }
        var all = frames.toByteArray();
        for (int at = 0; at < all.length; ) {
            int end = Math.min(all.length, at + 1 + random.nextInt(random.nextBoolean() ? 20 : WINDOW));
            connection.write(Arrays.copyOfRange(all, at, end));
            at = end;
        }
        for (int i = 0; i < 2; i++) {
            assertThat(tensor(connection.answer(stream(i)))).isEqualTo(tensors[i]);
        }
    }

    /** Of a frame what came with its header is copied; the socket writes the rest to where the tensor is. */
    @Test
    void nothingButBeginningsIsCopied() throws Exception {
        var tensor = random(new Random(9), 1_000_000);
        var message = message(tensor);
        long before = CopiedBytes.total();
        connection.begin(1, INFER);
        connection.write(data(0, 0, Arrays.copyOf(message, 500_000)));
        connection.write(data(0, RawConnection.END_STREAM, Arrays.copyOfRange(message, 500_000, message.length)));
        assertThat(tensor(connection.answer(1))).isEqualTo(tensor);
        assertThat(CopiedBytes.total() - before).isLessThan(2 * (64 << 10) + (16 << 10));
    }

    @Test
    void paddingIsTakenOff() throws Exception {
        var tensor = random(new Random(4), 40_000);
        var padded =
                Unpooled.buffer().writeByte(200).writeBytes(message(tensor)).writeZero(200);
        connection.begin(1, INFER);
        connection.write(RawConnection.frame(
                RawConnection.DATA,
                RawConnection.END_STREAM | RawConnection.PADDED,
                1,
                Arrays.copyOf(padded.array(), padded.readableBytes())));
        assertThat(tensor(connection.answer(1))).isEqualTo(tensor);
    }

    @Test
    void aFrameOfLargeHeadersIsTaken() throws Exception {
        var tensor = random(new Random(5), 10);
        connection.begin(1, INFER, "baggage", "b".repeat(40_000));
        connection.write(data(0, RawConnection.END_STREAM, message(tensor)));
        assertThat(tensor(connection.answer(1))).isEqualTo(tensor);
    }

    /** The call hears of it, not its connection. */
    @Test
    void headersThatAreSomewhatTooLargeLeaveOtherCallsAlone() throws Exception {
        var tensor = random(new Random(10), 10);
        connection.begin(1, INFER, "baggage", "b".repeat(66_000));
        connection.begin(3, INFER);
        connection.write(data(1, RawConnection.END_STREAM, message(tensor)));
        assertThat(tensor(connection.answer(3))).isEqualTo(tensor);
    }

    /** The room is for one message; the next one waits for its own. */
    @Test
    void aCallMaySendAMessageAheadAndNoMoreThanThat() throws Exception {
        var tensor = random(new Random(11), 3 << 20);
        var message = message(tensor);
        connection.begin(1, STREAM_INFER);
        connection.write(data(0, 0, Arrays.copyOf(message, 100)));
        connection.awaitWindow(1, message.length - WINDOW);
        connection.write(data(0, 0, Arrays.copyOfRange(message, 100, message.length)));
        assertThat(connection.windowAfter(1, tensor.length)).isLessThanOrEqualTo(message.length);
    }

    /** Nobody gathers megabytes of what is no tensor. */
    @Test
    void aFrameThatIsTooLargeEndsItsConnectionAlone() throws Exception {
        try (var other = new RawConnection(agent.grpc());
                var third = new RawConnection(agent.grpc())) {
            other.agree();
            connection.begin(1, INFER);
            connection.write(Arrays.copyOf(data(0, 0, new byte[DataPieces.MAX_FRAME_BYTES + 1]), 100));
            assertThat(connection.error()).isEqualTo(FRAME_SIZE_ERROR);

            other.write(Arrays.copyOf(
                    RawConnection.frame(RawConnection.HEADERS, 0, 1, new byte[DataPieces.MAX_FRAME_BYTES]), 100));
            assertThat(other.error()).isEqualTo(FRAME_SIZE_ERROR);

            var tensor = random(new Random(6), 10);
            third.begin(1, INFER);
            third.write(data(0, RawConnection.END_STREAM, message(tensor)));
            assertThat(tensor(third.answer(1))).isEqualTo(tensor);
        }
    }

    @Test
    void aCallThatEndsAmidAFrameLeavesTheOthersAlone() throws Exception {
        var late = data(0, RawConnection.END_STREAM, message(random(new Random(7), 500_000)));
        connection.begin(1, INFER, "grpc-timeout", "300m");
        connection.write(Arrays.copyOf(late, 100_000));
        assertThat(connection.answer(1)).as("nothing but a status").isEmpty();

        var tensor = random(new Random(8), 500_000);
        connection.write(Arrays.copyOfRange(late, 100_000, late.length));
        connection.begin(3, INFER);
        connection.write(data(1, RawConnection.END_STREAM, message(tensor)));
        assertThat(tensor(connection.answer(3))).isEqualTo(tensor);
    }

    @Test
    void aClientThatLeavesAmidAFrameLeavesNothingBehind() throws Exception {
        connection.begin(1, INFER);
        connection.write(Arrays.copyOf(data(0, 0, message(new byte[500_000])), 200_000));
        connection.awaitWindow(0, 1);
        connection.close(); // the agent is asked for lost buffers when it is closed
    }

    private static int stream(int index) {
        return 2 * index + 1;
    }

    private static byte[] data(int index, int flags, byte[] bytes) {
        return RawConnection.frame(RawConnection.DATA, flags, stream(index), bytes);
    }

    private static byte[] random(Random random, int size) {
        var bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] message(byte[] tensor) {
        var message = ModelInferRequest.newBuilder()
                .setModelName("m")
                .addInputs(InferInputTensor.newBuilder()
                        .setName("INPUT0")
                        .setDatatype("UINT8")
                        .addShape(tensor.length))
                .addRawInputContents(ByteString.copyFrom(tensor))
                .build()
                .toByteArray();
        var framed = Unpooled.buffer().writeByte(0).writeInt(message.length).writeBytes(message);
        return Arrays.copyOf(framed.array(), framed.readableBytes());
    }

    private static byte[] tensor(byte[] answer) throws IOException {
        var message = ModelInferResponse.parseFrom(ByteString.copyFrom(answer, 5, answer.length - 5));
        return message.getRawOutputContents(0).toByteArray();
    }
}
