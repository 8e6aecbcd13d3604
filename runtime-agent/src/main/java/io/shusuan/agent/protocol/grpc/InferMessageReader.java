package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a ModelInferRequest apart while it is still in the network's buffers: raw tensors are copied once, each into a direct buffer of
 * its own, and protobuf parses what is left, which is small. Through the generated parser a tensor would be copied three times.
 */
final class InferMessageReader {
    private static final int RAW_TAG =
            (ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final InputStream in;
    private final int length;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream(256);
    private final List<ByteBuf> raw = new ArrayList<>(1);

    private InferMessageReader(InputStream in) throws IOException {
        this.in = in;
        this.length = in instanceof KnownLength ? in.available() : Integer.MAX_VALUE;
    }

    /** Reads to the end; what is returned is the caller's. Nothing is left when this throws. */
    static InferMessage read(InputStream in) throws IOException {
        var reader = new InferMessageReader(in);
        boolean done = false;
        try {
            for (int tag = in.read(); tag >= 0; tag = in.read()) {
                reader.field(tag);
            }
            var message = new InferMessage(ModelInferRequest.parseFrom(reader.rest.toByteArray()), reader.raw);
            done = true;
            return message;
        } finally {
            if (!done) {
                reader.raw.forEach(ByteBuf::release);
            }
        }
    }

    private void field(int firstByte) throws IOException {
        if (firstByte == RAW_TAG) {
            raw.add(tensor((int) varint(next())));
            return;
        }
        int tag = (int) varint(firstByte);
        put(tag);
        switch (tag & 7) {
            case WireFormat.WIRETYPE_VARINT -> put(varint(next()));
            case WireFormat.WIRETYPE_FIXED64 -> copy(8);
            case WireFormat.WIRETYPE_FIXED32 -> copy(4);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
                int size = (int) varint(next());
                put(size);
                copy(size);
            }
            default -> throw new InvalidProtocolBufferException("a field has a wire type that is not used any more");
        }
    }

    private ByteBuf tensor(int size) throws IOException {
        checkSize(size);
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size), Math.max(1, size));
        boolean done = false;
        try {
            if (in instanceof HasByteBuffer pieces && pieces.byteBufferSupported()) {
                copyPieces(pieces, buffer, size);
            } else {
                while (buffer.readableBytes() < size) {
                    if (buffer.writeBytes(in, size - buffer.readableBytes()) <= 0) {
                        throw new EOFException("a tensor ends before its size");
                    }
                }
            }
            CopiedBytes.add(size);
            done = true;
            return buffer;
        } finally {
            if (!done) {
                buffer.release();
            }
        }
    }

    private void copyPieces(HasByteBuffer pieces, ByteBuf buffer, int size) throws IOException {
        while (buffer.readableBytes() < size) {
            var piece = pieces.getByteBuffer();
            if (piece == null || !piece.hasRemaining()) {
                throw new EOFException("a tensor ends before its size");
            }
            int count = Math.min(piece.remaining(), size - buffer.readableBytes());
            buffer.internalNioBuffer(buffer.writerIndex(), count).put(piece.slice(piece.position(), count));
            buffer.writerIndex(buffer.writerIndex() + count);
            in.skipNBytes(count);
        }
    }

    private void copy(int size) throws IOException {
        checkSize(size);
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("a field ends before its size");
        }
        rest.write(bytes);
    }

    private void checkSize(int size) throws InvalidProtocolBufferException {
        if (size < 0 || size > length) {
            throw new InvalidProtocolBufferException("a field is longer than its message");
        }
    }

    private int next() throws IOException {
        int value = in.read();
        if (value < 0) {
            throw new EOFException("the message ends inside a field");
        }
        return value;
    }

    private long varint(int firstByte) throws IOException {
        long value = firstByte & 0x7F;
        int last = firstByte;
        for (int shift = 7; last > 0x7F; shift += 7) {
            if (shift > 63) {
                throw new InvalidProtocolBufferException("a number has more than ten bytes");
            }
            last = next();
            value |= (long) (last & 0x7F) << shift;
        }
        return value;
    }

    private void put(long varint) {
        long left = varint;
        while ((left & ~0x7FL) != 0) {
            rest.write((int) ((left & 0x7F) | 0x80));
            left >>>= 7;
        }
        rest.write((int) left);
    }
}
