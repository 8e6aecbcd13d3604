package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.shusuan.agent.protocol.grpc.transport.MessageReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.function.Consumer;

/** Gathers a message for protobuf's own parser. */
final class GatheredMessage<M> implements MessageReader {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    private final Parser<M> parser;
    private final Consumer<M> whole;

    GatheredMessage(Parser<M> parser, Consumer<M> whole) {
        this.parser = parser;
        this.whole = whole;
    }

    @Override
    public void read(ByteBuf data, int count) throws IOException {
        data.readBytes(bytes, count);
    }

    @Override
    public void end() throws IOException {
        whole.accept(parser.parseFrom(bytes.toByteArray()));
    }

    @Override
    public void drop() {
        bytes.reset();
    }
}
