package io.shusuan.agent.inference;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** {@link DataType#BYTES} elements: a 4-byte little-endian length and the bytes, one after the other. */
public final class ByteStrings {
    private ByteStrings() {}

    /**
     * Checks that a buffer holds exactly {@code count} elements.
     *
     * @throws ServingException naming the input, when it holds fewer, more or half of one
     */
    public static void check(String input, String model, String label, ByteBuf data, long count) {
        int at = data.readerIndex();
        int end = data.writerIndex();
        for (long element = 0; element < count; element++) {
            if (end - at < 4) {
                throw ServingException.invalid(label + "expected " + count + " string elements for inference input '"
                        + input + "' for model '" + model + "', got " + element);
            }
            long length = data.getUnsignedIntLE(at);
            at += 4;
            if (length > end - at) {
                throw ServingException.invalid(
                        label + "incomplete string data for inference input '" + input + "' for model '"
                                + model + "', expecting string of length " + length + " but only " + (end - at)
                                + " bytes available");
            }
            at += (int) length;
        }
        if (at != end) {
            throw ServingException.invalid(label + "unexpected number of string elements for inference input '" + input
                    + "' for model '" + model + "', expecting " + count);
        }
    }

    /** The elements as bytes. The buffer must have been {@linkplain #check checked}. */
    public static List<byte[]> elements(ByteBuf data) {
        var elements = new ArrayList<byte[]>();
        int at = data.readerIndex();
        while (at < data.writerIndex()) {
            byte[] element = new byte[data.getIntLE(at)];
            data.getBytes(at + 4, element);
            elements.add(element);
            at += 4 + element.length;
        }
        return elements;
    }

    /** The elements of a tensor as text, for engines whose strings are UTF-8. */
    public static String[] texts(Tensor tensor) {
        var elements = elements(tensor.data());
        var texts = new String[elements.size()];
        for (int i = 0; i < texts.length; i++) {
            try {
                texts[i] = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(elements.get(i)))
                        .toString();
            } catch (CharacterCodingException notText) {
                throw ServingException.invalid("element " + i + " of input '" + tensor.name()
                        + "' is not UTF-8, which this model's engine needs");
            }
        }
        return texts;
    }

    /** A buffer with the given texts in UTF-8, owned by the caller. */
    public static ByteBuf encode(List<String> texts) {
        var buffer = ByteBufAllocator.DEFAULT.buffer();
        for (var text : texts) {
            append(buffer, text.getBytes(StandardCharsets.UTF_8));
        }
        return buffer;
    }

    public static void append(ByteBuf buffer, byte[] element) {
        buffer.writeIntLE(element.length).writeBytes(element);
    }
}
