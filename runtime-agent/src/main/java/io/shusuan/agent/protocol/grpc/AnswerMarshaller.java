package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.netty.buffer.ByteBuf;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes infer answers, each tensor straight from its buffer into those gRPC sends. protobuf would first copy what lies outside the heap
 * into one array as large as the tensor.
 */
final class AnswerMarshaller implements Marshaller<AnswerMessage> {
    private static final int RAW = ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER;

    @Override
    public InputStream stream(AnswerMessage message) {
        return new Written(message);
    }

    @Override
    public AnswerMessage parse(InputStream bytes) {
        throw new UnsupportedOperationException("a server reads no answers");
    }

    /** The bytes of an answer, for whoever takes all of them at once, as gRPC does. */
    private static final class Written extends InputStream implements Drainable, KnownLength {
        private final AnswerMessage message;
        private int left;

        Written(AnswerMessage message) {
            this.message = message;
            int bytes = message.described().getSerializedSize();
            for (var tensor : message.raw()) {
                int size = tensor.readableBytes();
                bytes = Math.addExact(
                        bytes,
                        CodedOutputStream.computeTagSize(RAW) + CodedOutputStream.computeUInt32SizeNoTag(size) + size);
            }
            this.left = bytes;
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            message.described().writeTo(target);
            for (var tensor : message.raw()) {
                write(tensor, target);
            }
            int written = left;
            left = 0;
            return written;
        }

        private static void write(ByteBuf tensor, OutputStream target) throws IOException {
            var head = CodedOutputStream.newInstance(target, 16);
            head.writeTag(RAW, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            head.writeUInt32NoTag(tensor.readableBytes());
            head.flush();
            tensor.getBytes(tensor.readerIndex(), target, tensor.readableBytes());
        }

        @Override
        public int available() {
            return left;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("an answer is drained, not read");
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return read();
        }
    }
}
