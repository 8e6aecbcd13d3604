package io.shusuan.agent.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Tokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InboundBudgetTest {
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException unreadable) {
                throw new UncheckedIOException(unreadable);
            }
        }
    }

    private static final MethodDescriptor<byte[], byte[]> ECHO = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName("test/Echo")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    @Test
    void endsTheCallWhoseBytesDoNotFitAndServesTheOthers() throws Exception {
        var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        var server = GrpcServer.bind(
                loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                List.of(() -> ServerServiceDefinition.builder("test")
                        .addMethod(ECHO, ServerCalls.asyncUnaryCall((message, caller) -> {
                            caller.onNext(new byte[] {(byte) message.length});
                            caller.onCompleted();
                        }))
                        .build()),
                new Access(new Tokens(List.of()), Map.of(), "protocol"),
                Optional.empty(),
                8,
                1 << 20,
                100_000);
        var channel =
                NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
        try {
            for (int i = 0; i < 5; i++) {
                assertThat(ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, new byte[90_000]))
                        .hasSize(1);
                assertThatThrownBy(() ->
                                ClientCalls.blockingUnaryCall(channel, ECHO, CallOptions.DEFAULT, new byte[200_000]))
                        .isInstanceOfSatisfying(
                                StatusRuntimeException.class,
                                failure -> assertThat(failure.getStatus().getCode())
                                        .isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED));
            }
        } finally {
            channel.shutdownNow();
            server.drain(Duration.ofSeconds(5));
            loops.shutdownGracefully().sync();
        }
    }
}
