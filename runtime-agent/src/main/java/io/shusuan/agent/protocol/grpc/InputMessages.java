package io.shusuan.agent.protocol.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.shusuan.agent.inference.ByteStrings;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.protocol.grpc.proto.InferTensorContents;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest.InferInputTensor;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import java.util.ArrayList;
import java.util.List;

/** Input tensors from a message, where they are raw bytes or typed lists. Lists get direct buffers of their own. */
final class InputMessages {
    private InputMessages() {}

    /** The tensors, owned by the caller; when this throws none is left. */
    static List<Tensor> read(InferMessage received, SharedMemory memory) {
        var message = received.request();
        boolean raw = !received.raw().isEmpty();
        long sent = message.getInputsList().stream()
                .filter(input -> !SharedPlaceMessages.isShared(input.getParametersMap()))
                .count();
        if (raw && received.raw().size() != sent) {
            throw ServingException.invalid("expected number of raw inputs and inputs to be equal, got "
                    + received.raw().size() + " raw inputs and " + sent
                    + " inputs for model '" + message.getModelName() + "'");
        }
        var tensors = new ArrayList<Tensor>(message.getInputsCount());
        boolean done = false;
        try {
            int next = 0;
            for (var input : message.getInputsList()) {
                if (SharedPlaceMessages.isShared(input.getParametersMap())) {
                    tensors.add(shared(input, memory));
                } else {
                    tensors.add(raw ? raw(received, input, next++) : typed(input));
                }
            }
            done = true;
            return tensors;
        } finally {
            if (!done) {
                tensors.forEach(Tensor::release);
            }
        }
    }

    private static Tensor shared(InferInputTensor input, SharedMemory memory) {
        var type = type(input);
        var shape = shape(input);
        var place = SharedPlaceMessages.read(input.getParametersMap());
        return new Tensor(input.getName(), type, shape, memory.open(place));
    }

    private static Tensor raw(InferMessage received, InferInputTensor input, int index) {
        if (input.hasContents()) {
            throw ServingException.invalid("contents field must not be specified when using raw_input_contents for '"
                    + input.getName() + "' for model '" + received.request().getModelName() + "'");
        }
        var type = type(input);
        var shape = shape(input);
        return new Tensor(
                input.getName(), type, shape, received.raw().get(index).retainedSlice());
    }

    private static DataType type(InferInputTensor input) {
        return DataType.named(input.getDatatype())
                .filter(type -> type.name().equals(input.getDatatype()))
                .orElseThrow(() -> ServingException.invalid("invalid datatype for input " + input.getName()));
    }

    private static Shape shape(InferInputTensor input) {
        for (long dim : input.getShapeList()) {
            if (dim < 0) {
                throw ServingException.invalid(
                        "the shape of input '" + input.getName() + "' has the negative dimension " + dim);
            }
        }
        return Shape.of(input.getShapeList());
    }

    private static Tensor typed(InferInputTensor input) {
        var type = type(input);
        var shape = shape(input);
        var contents = input.getContents();
        int given = count(type, contents, input.getName());
        if (given != shape.elementCount()) {
            throw ServingException.invalid("input '" + input.getName() + "' has " + given + " elements of type " + type
                    + " in its contents, its shape " + shape + " has " + shape.elementCount());
        }
        var buffer = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, given * Math.max(1, type.size())));
        boolean done = false;
        try {
            write(type, contents, input.getName(), buffer);
            done = true;
            return new Tensor(input.getName(), type, shape, buffer);
        } finally {
            if (!done) {
                buffer.release();
            }
        }
    }

    private static int count(DataType type, InferTensorContents contents, String name) {
        return switch (type) {
            case BOOL -> contents.getBoolContentsCount();
            case INT8, INT16, INT32 -> contents.getIntContentsCount();
            case UINT8, UINT16, UINT32 -> contents.getUintContentsCount();
            case INT64 -> contents.getInt64ContentsCount();
            case UINT64 -> contents.getUint64ContentsCount();
            case FP32 -> contents.getFp32ContentsCount();
            case FP64 -> contents.getFp64ContentsCount();
            case BYTES -> contents.getBytesContentsCount();
            case FP16, BF16 ->
                throw ServingException.invalid(
                        "input '" + name + "' of type " + type + " must be sent in raw_input_contents");
        };
    }

    private static void write(DataType type, InferTensorContents contents, String name, ByteBuf into) {
        switch (type) {
            case BOOL -> contents.getBoolContentsList().forEach(into::writeBoolean);
            case INT8 ->
                contents.getIntContentsList()
                        .forEach(v -> into.writeByte(checked(v, Byte.MIN_VALUE, Byte.MAX_VALUE, type, name)));
            case INT16 ->
                contents.getIntContentsList()
                        .forEach(v -> into.writeShortLE(checked(v, Short.MIN_VALUE, Short.MAX_VALUE, type, name)));
            case INT32 -> contents.getIntContentsList().forEach(into::writeIntLE);
            case UINT8 -> contents.getUintContentsList().forEach(v -> into.writeByte(checked(v, 0, 0xFF, type, name)));
            case UINT16 ->
                contents.getUintContentsList().forEach(v -> into.writeShortLE(checked(v, 0, 0xFFFF, type, name)));
            case UINT32 -> contents.getUintContentsList().forEach(into::writeIntLE);
            case INT64 -> contents.getInt64ContentsList().forEach(into::writeLongLE);
            case UINT64 -> contents.getUint64ContentsList().forEach(into::writeLongLE);
            case FP32 -> contents.getFp32ContentsList().forEach(into::writeFloatLE);
            case FP64 -> contents.getFp64ContentsList().forEach(into::writeDoubleLE);
            case BYTES -> contents.getBytesContentsList().forEach(v -> ByteStrings.append(into, v.toByteArray()));
            case FP16, BF16 -> throw new IllegalStateException("refused before");
        }
    }

    private static int checked(int value, int least, int most, DataType type, String name) {
        if (value < least || value > most) {
            throw ServingException.invalid("the value " + value + " of input '" + name + "' does not fit " + type);
        }
        return value;
    }
}
