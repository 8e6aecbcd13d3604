package io.shusuan.agent.protocol.grpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.shusuan.agent.BytesMethod;
import io.shusuan.agent.protocol.Limits;
import io.shusuan.agent.protocol.Port;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server's side of gRPC against gRPC's own client, and against clients that are none. */
class GrpcServerTest {
    private static final int MAX_MESSAGE = 4 << 20;
    private static final MethodDescriptor<byte[], byte[]> ECHO = BytesMethod.of(MethodType.UNARY, "test/Echo");
    private static final MethodDescriptor<byte[], byte[]> CHAT = BytesMethod.of(MethodType.BIDI_STREAMING, "test/Chat");
    private static final MethodDescriptor<byte[], byte[]> ONCE = BytesMethod.of(MethodType.BIDI_STREAMING, "test/Once");
    private static final MethodDescriptor<byte[], byte[]> SILENT = BytesMethod.of(MethodType.UNARY, "test/Silent");

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final ExecutorService answering = Executors.newSingleThreadExecutor();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private Port server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        serve(new Limits(MAX_MESSAGE, 8, 5 << 20, Duration.ofSeconds(30)));
    }

    private void serve(Limits limits) throws Exception {
        var routes = Map.<String, Route>of(
                "/test/Echo", call -> new Echo(call, 2),
                "/test/Chat", call -> new Echo(call, 1),
                "/test/Silent", call -> new Echo(call, 0),
                "/test/Once", Once::new,
                "/test/Refused",
                        call -> {
                            call.close(new io.shusuan.agent.protocol.grpc.transport.Status(
                                    io.shusuan.agent.protocol.grpc.transport.Status.Code.NOT_FOUND, "没有".repeat(2000)));
                            return new Echo(call, 0);
                        });
        server = Port.open(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                limits.connections(),
                Optional.empty(),
                new GrpcProtocol(routes, limits));
        channel = NettyChannelBuilder.forAddress(server.address())
                .usePlaintext()
                .compressorRegistry(compressors())
                .build();
    }

    @AfterEach
    void stop() throws InterruptedException {
        channel.shutdownNow();
        drain();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        answering.close();
    }

    private boolean drain() throws InterruptedException {
        server.finish(Duration.ofSeconds(20));
        return server.close(Duration.ofSeconds(20));
    }

    private void awaitTold(String wanted) throws InterruptedException {
        for (var next = ""; !next.equals(wanted); ) {
            next = told.poll(10, TimeUnit.SECONDS);
            assertThat(next).describedAs(wanted).isNotNull();
        }
    }

    /** Answers each message with itself from another thread, and a message "boom" with a fault. */
    private class Echo implements Receiver {
        private final Call call;

        Echo(Call call, int wanted) {
            this.call = call;
            call.request(wanted);
        }

        @Override
        public MessageReader message(int bytes) {
            told.add("message of " + bytes);
            var gathered = Unpooled.buffer();
            return new MessageReader() {
                @Override
                public void read(ByteBuf data, int count) {
                    gathered.writeBytes(data, count);
                }

                @Override
                public void end() {
                    if (gathered.toString(StandardCharsets.UTF_8).equals("boom")) {
                        throw new IllegalStateException("boom");
                    }
                    told.add("whole");
                    answer(gathered);
                }

                @Override
                public void drop() {
                    told.add("dropped");
                }
            };
        }

        private void answer(ByteBuf gathered) {
            answering.execute(() -> {
                var prefix = Unpooled.buffer().writeByte(0).writeInt(gathered.readableBytes());
                call.send(List.of(prefix, gathered));
                call.request(1);
            });
        }

        @Override
        public void halfClosed() {
            told.add("half-closed");
            answering.execute(() -> call.close(io.shusuan.agent.protocol.grpc.transport.Status.OK));
        }

        @Override
        public void cancelled() {
            told.add("cancelled");
        }
    }

    /** The same for calls of one message, which lies here until the call has ended. */
    private final class Once extends Echo {
        Once(Call call) {
            super(call, 2);
        }

        @Override
        public boolean awaitsEnd() {
            return true;
        }
    }

    private byte[] echo(byte[] message, CallOptions options) {
        return ClientCalls.blockingUnaryCall(channel, ECHO, options, message);
    }

    private Status failure(byte[] message, CallOptions options) {
        try {
            echo(message, options);
            throw new AssertionError("it was answered");
        } catch (StatusRuntimeException failed) {
            return failed.getStatus();
        }
    }

    @Test
    void messagesOfEverySizeComeBackAsTheyWere() {
        var random = new Random(3);
        for (int size : new int[] {0, 1, 16_379, 16_384, 65_536, 1 << 20, MAX_MESSAGE}) {
            byte[] message = new byte[size];
            random.nextBytes(message);
            assertThat(echo(message, CallOptions.DEFAULT)).isEqualTo(message);
        }
    }

    @Test
    void compressedMessagesAreReadAndThoseThatWouldBeTooLargeAreNot() {
        byte[] message = "again and again ".repeat(50_000).getBytes(StandardCharsets.UTF_8);
        for (var how : List.of("gzip", "deflate")) {
            var options = CallOptions.DEFAULT.withCompression(how);
            assertThat(echo(message, options)).isEqualTo(message);
            var bomb = failure(new byte[MAX_MESSAGE + 1], options);
            assertThat(bomb.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(bomb.getDescription()).contains("when it is not compressed");
        }
        var unknown = failure(message, CallOptions.DEFAULT.withCompression("zstd"));
        assertThat(unknown.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        assertThat(unknown.getDescription()).contains("zstd").contains("identity,gzip,deflate");
    }

    @Test
    void whatIsRefusedIsNamedAndTheConnectionGoesOn() {
        assertThat(failure(new byte[MAX_MESSAGE + 1], CallOptions.DEFAULT)).satisfies(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(status.getDescription()).contains("4194305 bytes and may have 4194304");
        });
        assertThat(failure("boom".getBytes(StandardCharsets.UTF_8), CallOptions.DEFAULT))
                .satisfies(status -> {
                    assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
                    assertThat(status.getDescription()).isEqualTo("the server failed; its log says why");
                });
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                        channel, BytesMethod.of(MethodType.UNARY, "test/没有"), CallOptions.DEFAULT, new byte[0]))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failed -> assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
        assertThat(echo(new byte[3], CallOptions.DEFAULT)).hasSize(3);
    }

    @Test
    void messagesThatHaveNotArrivedWholeAreBoundedAllTogether() throws Exception {
        var first = open(CHAT);
        byte[] half = new byte[3 << 20];
        first.halfMessage(MAX_MESSAGE, half);
        awaitTold("message of " + MAX_MESSAGE);
        assertThat(failure(new byte[2 << 20], CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(echo(new byte[1 << 19], CallOptions.DEFAULT)).hasSize(1 << 19);
        // what is not kept until its call ends needs room for what arrives of it alone
        assertThat(echo(new byte[2 << 20], CallOptions.DEFAULT.withCompression("gzip")))
                .hasSize(2 << 20);

        first.close();

        awaitTold("cancelled");
        awaitTold("dropped");
        assertThat(echo(new byte[2 << 20], CallOptions.DEFAULT)).hasSize(2 << 20);
    }

    @Test
    void messagesWhoseCallsDoNotEndCountAsWellHoweverSmallTheyCame() throws Exception {
        for (var how : List.of(CallOptions.DEFAULT, CallOptions.DEFAULT.withCompression("gzip"))) {
            var kept = channel.newCall(ONCE, how);
            kept.start(new ClientCall.Listener<>() {}, new Metadata());
            kept.request(1);
            kept.sendMessage(new byte[3 << 20]);
            awaitTold("whole");
            assertThat(failure(new byte[3 << 20], CallOptions.DEFAULT).getCode())
                    .isEqualTo(Status.Code.UNAVAILABLE);
            kept.halfClose();
            awaitTold("half-closed");
            assertThat(echo(new byte[3 << 20], CallOptions.DEFAULT)).hasSize(3 << 20);
        }
    }

    @Test
    void callsThatDoNotEndAreGivenUp() throws Exception {
        channel.shutdownNow();
        drain();
        serve(new Limits(MAX_MESSAGE, 8, 5 << 20, Duration.ofMillis(400)));
        for (var messages : List.of(0, 1)) {
            var ended = new CompletableFuture<Status>();
            var open = channel.newCall(ONCE, CallOptions.DEFAULT);
            open.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            ended.complete(status);
                        }
                    },
                    new Metadata());
            open.request(1);
            for (int i = 0; i < messages; i++) {
                open.sendMessage(new byte[3 << 20]);
            }
            assertThat(ended.get(10, TimeUnit.SECONDS).getDescription())
                    .isEqualTo("the caller neither sends more nor ends the call; --stall-timeout-secs bounds it");
        }
        // of what they held nothing is kept
        assertThat(echo(new byte[MAX_MESSAGE], CallOptions.DEFAULT)).hasSize(MAX_MESSAGE);
        var stream = new Chat(2);
        stream.comesBack(1);
        told.clear();
        assertThat(told.poll(1, TimeUnit.SECONDS)).as("streams may rest").isNull();
        stream.comesBack(2);
        stream.call.cancel("enough", null);
    }

    /** What was never taken is not given back: the sum stays bounded. */
    @Test
    void aPrefixThatIsCutChangesNothing() throws Exception {
        for (int bytes = 1; bytes < 5; bytes++) {
            try (var cut = open(CHAT)) {
                cut.frame(1, Arrays.copyOf(new byte[] {0, 0x7F, -1, -1, -1}, bytes));
                awaitTold("cancelled");
            }
        }
        var first = open(CHAT);
        first.halfMessage(MAX_MESSAGE, new byte[10]);
        awaitTold("message of " + MAX_MESSAGE);
        assertThat(failure(new byte[2 << 20], CallOptions.DEFAULT).getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        first.close();
    }

    @Test
    void callsThatAreRefusedWhileTheirMessageComesLeaveTheOthersAlone() throws Exception {
        var chat = new Chat(2);
        chat.comesBack(1);
        for (int i = 0; i < 100; i++) {
            assertThat(failure(new byte[MAX_MESSAGE + 1], CallOptions.DEFAULT).getCode())
                    .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        }
        chat.comesBack(2);
        chat.call.cancel("enough", null);
    }

    @Test
    void aLongReasonArrivesAsFarAsClientsTakeIt() {
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                        channel, BytesMethod.of(MethodType.UNARY, "test/Refused"), CallOptions.DEFAULT, new byte[1]))
                .isInstanceOfSatisfying(StatusRuntimeException.class, failed -> {
                    assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
                    assertThat(failed.getStatus().getDescription()).startsWith("没有没有");
                });
    }

    /** A stream that holds what is not wanted yet keeps nobody else on the connection waiting. */
    @Test
    void callsThatHoldBackTheirMessagesLeaveRoomForOthers() {
        for (int i = 0; i < 3; i++) {
            var call = channel.newCall(SILENT, CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            call.sendMessage(new byte[1 << 20]);
        }
        assertThat(echo(new byte[1 << 19], CallOptions.DEFAULT)).hasSize(1 << 19);
    }

    @Test
    void aDeadlineEndsTheCallOnBothSides() throws Exception {
        var late = CallOptions.DEFAULT.withDeadline(Deadline.after(200, TimeUnit.MILLISECONDS));
        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(channel, SILENT, late, new byte[1]))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failed -> assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
        awaitTold("cancelled");
    }

    @Test
    void aCallerWhoLeavesIsNoticed() throws Exception {
        var chat = new Chat(1);
        chat.comesBack(1);

        chat.call.cancel("enough", null);

        awaitTold("cancelled");
    }

    /** The server asks for one message at a time: what follows waits in the windows, and arrives in order. */
    @Test
    void aStreamIsReadNoFasterThanItIsAskedFor() throws Exception {
        var chat = new Chat(200);
        for (int i = 0; i < 200; i++) {
            byte[] message = new byte[50_000];
            message[0] = (byte) i;
            chat.call.sendMessage(message);
        }
        chat.call.halfClose();
        for (int i = 0; i < 200; i++) {
            var answer = chat.next();
            assertThat(answer).hasSize(50_000);
            assertThat(answer).startsWith(i);
        }
        assertThat(chat.end()).isEqualTo(Status.OK);
    }

    @Test
    void aMessageThatDripsIsGivenUp() throws Exception {
        channel.shutdownNow();
        drain();
        serve(new Limits(MAX_MESSAGE, 8, 5 << 20, Duration.ofMillis(400)));
        try (var slow = open(CHAT)) {
            slow.halfMessage(1000, new byte[10]);
            awaitTold("cancelled");
            awaitTold("dropped");
        }
    }

    /** Proxies connect ahead of need: whoever says nothing has longer, and not for ever. */
    @Test
    void connectionsThatSayNothingAreGivenUpLater() throws Exception {
        channel.shutdownNow();
        drain();
        serve(new Limits(MAX_MESSAGE, 8, 5 << 20, Duration.ofMillis(100)));
        long began = System.nanoTime();
        try (var socket =
                new Socket(server.address().getAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getInputStream().readAllBytes(); // ends
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(900));
    }

    @Test
    void whatSpeaksNoHttp2IsHungUpOn() throws Exception {
        for (var garbage : List.of("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\0\1\2\3".repeat(100))) {
            try (var socket =
                    new Socket(server.address().getAddress(), server.address().getPort())) {
                socket.setSoTimeout(10_000);
                socket.getOutputStream().write(garbage.getBytes(StandardCharsets.ISO_8859_1));
                socket.getInputStream().readAllBytes(); // ends
            }
        }
        assertThat(echo(new byte[3], CallOptions.DEFAULT)).hasSize(3);
    }

    @Test
    void drainingLetsACallFinish() throws Exception {
        var chat = new Chat(2);
        chat.comesBack(1);
        var drained = new LinkedBlockingQueue<Boolean>();
        Thread.ofVirtual().start(() -> {
            try {
                drained.add(drain());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> {
                    while (true) {
                        try (var socket = new Socket(
                                server.address().getAddress(), server.address().getPort())) {
                            socket.setSoTimeout(1000);
                        }
                    }
                })
                .isInstanceOf(IOException.class);

        chat.call.sendMessage(new byte[] {2});
        chat.call.halfClose();

        assertThat(chat.next()).containsExactly(2);
        assertThat(chat.end()).isEqualTo(Status.OK);
        assertThat(drained.poll(20, TimeUnit.SECONDS)).isTrue();
    }

    private RawCall open(MethodDescriptor<byte[], byte[]> method) throws IOException {
        return new RawCall(server.address(), "/" + method.getFullMethodName());
    }

    private static CompressorRegistry compressors() {
        var known = CompressorRegistry.newEmptyInstance();
        known.register(new Codec.Gzip());
        known.register(named("deflate"));
        known.register(named("zstd")); // whatever it is, it is not known
        return known;
    }

    private static Codec named(String name) {
        return new Codec() {
            @Override
            public String getMessageEncoding() {
                return name;
            }

            @Override
            public OutputStream compress(OutputStream plain) {
                return new DeflaterOutputStream(plain);
            }

            @Override
            public InputStream decompress(InputStream compressed) {
                return new InflaterInputStream(compressed);
            }
        };
    }

    /** One stream of the method that answers each message with itself. */
    private final class Chat {
        private final ClientCall<byte[], byte[]> call = channel.newCall(CHAT, CallOptions.DEFAULT);
        private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status> end = new LinkedBlockingQueue<>();

        Chat(int wanted) {
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(byte[] message) {
                            messages.add(message);
                        }

                        @Override
                        public void onClose(Status status, @Nullable Metadata trailers) {
                            end.add(status);
                        }
                    },
                    new Metadata());
            call.request(wanted);
        }

        byte @Nullable [] next() throws InterruptedException {
            return messages.poll(10, TimeUnit.SECONDS);
        }

        @Nullable
        Status end() throws InterruptedException {
            return end.poll(10, TimeUnit.SECONDS);
        }

        void comesBack(int value) throws InterruptedException {
            call.sendMessage(new byte[] {(byte) value});
            assertThat(next()).containsExactly(value);
        }
    }
}
