package io.shusuan.agent.protocol.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.protocol.ReadInPlace;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.transport.MessageReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes a ModelInferRequest apart while it arrives: raw tensors get a direct buffer of their own, to which large ones are read and small ones
 * copied, and protobuf parses what is left, which is small. Through the generated parser a tensor would be gathered first and then copied three times.
 */
final class InferMessageReader implements MessageReader {
    private static final int RAW_TAG =
            (ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    /** What the next bytes are. */
    private enum Step {
        TAG,
        NUMBER,
        FIELD_SIZE,
        FIELD,
        TENSOR_SIZE,
        TENSOR
    }

    private final Consumer<InferMessage> whole;
    private final ByteArrayOutputStream rest = new ByteArrayOutputStream(256);
    private final List<ByteBuf> raw = new ArrayList<>(1);
    private Step step = Step.TAG;
    private @Nullable ByteBuf tensor;
    private int messageLeft;
    private int left;
    private long number;
    private int shift;

    InferMessageReader(int bytes, Consumer<InferMessage> whole) {
        this.messageLeft = bytes;
        this.whole = whole;
    }

    @Override
    public void read(ByteBuf data, int count) throws IOException {
        int end = data.readerIndex() + count;
        while (data.readerIndex() < end) {
            int there = end - data.readerIndex();
            int taken = switch (step) {
                case FIELD -> copy(data, Math.min(left, there));
                case TENSOR -> fill(data, Math.min(left, there));
                case TAG, NUMBER, FIELD_SIZE, TENSOR_SIZE -> 1;
            };
            messageLeft -= taken;
            if (step == Step.FIELD || step == Step.TENSOR) {
                left -= taken;
                step = left == 0 ? Step.TAG : step;
            } else {
                digit(data.readByte());
            }
        }
    }

    @Override
    public @Nullable ByteBuf place(int bytes) {
        return step == Step.TENSOR && tensor != null ? ReadInPlace.end(tensor, Math.min(bytes, left)) : null;
    }

    private int copy(ByteBuf data, int count) throws IOException {
        data.readBytes(rest, count);
        return count;
    }

    private int fill(ByteBuf data, int count) {
        if (tensor != null) {
            ReadInPlace.append(data, count, tensor);
        }
        return count;
    }

    /** One byte of a number, of which each has seven bits and says whether there are more. */
    private void digit(byte next) throws IOException {
        if (shift > 63) {
            throw new InvalidProtocolBufferException("a number has too many bytes");
        }
        number |= (long) (next & 0x7F) << shift;
        shift += 7;
        if (next >= 0) {
            long value = number;
            number = 0;
            shift = 0;
            number(value);
        }
    }

    private void number(long value) throws IOException {
        switch (step) {
            case TAG -> {
                if (value == RAW_TAG) {
                    step = Step.TENSOR_SIZE;
                } else {
                    put(value);
                    field((int) value & 7);
                }
            }
            case NUMBER -> {
                put(value);
                step = Step.TAG;
            }
            case FIELD_SIZE -> {
                put(value);
                begin(Step.FIELD, size(value));
            }
            case TENSOR_SIZE -> {
                int size = size(value);
                tensor = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size), Math.max(1, size));
                raw.add(tensor);
                begin(Step.TENSOR, size);
            }
            case FIELD, TENSOR -> throw new IllegalStateException("bytes are no number");
        }
    }

    private void field(int wireType) throws IOException {
        switch (wireType) {
            case WireFormat.WIRETYPE_VARINT -> step = Step.NUMBER;
            case WireFormat.WIRETYPE_FIXED64 -> begin(Step.FIELD, 8);
            case WireFormat.WIRETYPE_FIXED32 -> begin(Step.FIELD, 4);
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> step = Step.FIELD_SIZE;
            default -> throw new InvalidProtocolBufferException("a field has a wire type that is not used any more");
        }
    }

    private void begin(Step what, int size) {
        left = size;
        step = size == 0 ? Step.TAG : what;
    }

    private int size(long value) throws IOException {
        if (value < 0 || value > messageLeft) {
            throw new InvalidProtocolBufferException("a field is longer than its message");
        }
        return (int) value;
    }

    private void put(long value) {
        long digits = value;
        while ((digits & ~0x7FL) != 0) {
            rest.write((int) ((digits & 0x7F) | 0x80));
            digits >>>= 7;
        }
        rest.write((int) digits);
    }

    @Override
    public void end() throws IOException {
        boolean done = false;
        try {
            if (step != Step.TAG || shift > 0) {
                throw new InvalidProtocolBufferException("a message ends within a field");
            }
            var message = new InferMessage(ModelInferRequest.parseFrom(rest.toByteArray()), raw);
            done = true;
            whole.accept(message);
        } finally {
            if (!done) {
                drop();
            }
        }
    }

    @Override
    public void drop() {
        raw.forEach(ByteBuf::release);
        raw.clear();
    }
}
