package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelStreamInferResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages as gRPC sends them, with the five bytes before each. Small tensors are copied behind what describes them, one piece being
 * cheaper than many; large ones are pieces of their own, in the buffers that the engine wrote. protobuf would first copy what lies
 * outside the heap into one array as large as the tensor.
 */
final class Framed {
    private static final int COPY_BELOW = 16 << 10;
    private static final int PREFIX = 5;
    private static final int RAW = ModelInferResponse.RAW_OUTPUT_CONTENTS_FIELD_NUMBER;
    private static final int STREAMED = ModelStreamInferResponse.INFER_RESPONSE_FIELD_NUMBER;

    private Framed() {}

    static List<ByteBuf> message(MessageLite message) {
        int size = message.getSerializedSize();
        var buffer = prefixed(size, size);
        write(buffer, size, message::writeTo);
        return List.of(buffer);
    }

    /** An infer answer. */
    static List<ByteBuf> answer(AnswerMessage answer) {
        int size = size(answer);
        return pieces(answer, size, prefixed(size, room(answer, size)));
    }

    /** The same as a message of a stream. */
    static List<ByteBuf> streamed(AnswerMessage answer) {
        int inner = size(answer);
        int head = CodedOutputStream.computeTagSize(STREAMED) + CodedOutputStream.computeUInt32SizeNoTag(inner);
        var buffer = prefixed(Math.addExact(head, inner), head + room(answer, inner));
        write(buffer, head, out -> {
            out.writeTag(STREAMED, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(inner);
        });
        return pieces(answer, inner, buffer);
    }

    private static int size(AnswerMessage answer) {
        int bytes = answer.described().getSerializedSize();
        for (var tensor : answer.raw()) {
            bytes = Math.addExact(bytes, headSize(tensor) + tensor.readableBytes());
        }
        return bytes;
    }

    private static int headSize(ByteBuf tensor) {
        return CodedOutputStream.computeTagSize(RAW) + CodedOutputStream.computeUInt32SizeNoTag(tensor.readableBytes());
    }

    /** How much of an answer its first piece holds. */
    private static int room(AnswerMessage answer, int size) {
        if (size <= COPY_BELOW || answer.raw().isEmpty()) {
            return size;
        }
        return answer.described().getSerializedSize() + headSize(answer.raw().getFirst());
    }

    private static List<ByteBuf> pieces(AnswerMessage answer, int size, ByteBuf first) {
        write(first, answer.described().getSerializedSize(), answer.described()::writeTo);
        var pieces = new ArrayList<ByteBuf>();
        boolean done = false;
        try {
            pieces.add(first);
            gather(answer, size, pieces);
            done = true;
            return pieces;
        } finally {
            if (!done) {
                pieces.forEach(ByteBuf::release);
            }
        }
    }

    private static void gather(AnswerMessage answer, int size, List<ByteBuf> pieces) {
        var last = pieces.getFirst();
        for (var tensor : answer.raw()) {
            int head = headSize(tensor);
            if (last.writableBytes() < head) {
                last = ByteBufAllocator.DEFAULT.directBuffer(head, head);
                pieces.add(last);
            }
            write(last, head, out -> {
                out.writeTag(RAW, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                out.writeUInt32NoTag(tensor.readableBytes());
            });
            if (size <= COPY_BELOW) {
                CopiedBytes.add(tensor.readableBytes());
                last.writeBytes(tensor, tensor.readerIndex(), tensor.readableBytes());
            } else {
                pieces.add(tensor.retainedSlice());
            }
        }
    }

    private static ByteBuf prefixed(int messageSize, int room) {
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(PREFIX + room, PREFIX + room);
        return buffer.writeByte(0).writeInt(messageSize);
    }

    private interface Writing {
        void to(CodedOutputStream out) throws IOException;
    }

    private static void write(ByteBuf buffer, int size, Writing writing) {
        try {
            var out = CodedOutputStream.newInstance(buffer.nioBuffer(buffer.writerIndex(), size));
            writing.to(out);
            out.flush();
        } catch (IOException tooSmall) {
            throw new UncheckedIOException(tooSmall);
        }
        buffer.writerIndex(buffer.writerIndex() + size);
    }
}
