package io.shusuan.agent.engine.sample;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** An array as NumPy's {@code save} writes it: little-endian elements in C order. Those of text are as long as the longest of them. */
record NpyArray(String name, DataType type, long[] shape, ByteBuffer data) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LARGEST_HEADER = 1 << 16;
    private static final Pattern DESCRIPTION = Pattern.compile("'descr':\\s*'([^']*)'");
    /** Of so many characters, each of which has four bytes. */
    private static final Pattern TEXT = Pattern.compile("<U(\\d{1,6})");

    private static final Pattern FORTRAN = Pattern.compile("'fortran_order':\\s*True");
    private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9, ]*)\\)");
    private static final Map<String, DataType> TYPES = Map.ofEntries(
            Map.entry("<f4", DataType.FLOAT),
            Map.entry("<f8", DataType.DOUBLE),
            Map.entry("<f2", DataType.FLOAT16),
            Map.entry("<i8", DataType.INT64),
            Map.entry("<i4", DataType.INT32),
            Map.entry("<i2", DataType.INT16),
            Map.entry("|i1", DataType.INT8),
            Map.entry("|u1", DataType.UINT8),
            Map.entry("|b1", DataType.BOOL));

    /** @param room how many bytes of elements may be read at most */
    static NpyArray read(String name, InputStream stream, long room) throws IOException, EngineException {
        var in = new DataInputStream(stream);
        if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
            throw unreadable(name, "it is not an array that NumPy has saved");
        }
        int major = in.readUnsignedByte();
        in.readByte();
        long length = major == 1
                ? Short.toUnsignedInt(Short.reverseBytes(in.readShort()))
                : Integer.toUnsignedLong(Integer.reverseBytes(in.readInt()));
        if (length > LARGEST_HEADER) {
            throw unreadable(name, "its header has " + length + " bytes");
        }
        var header = new String(in.readNBytes((int) length), StandardCharsets.ISO_8859_1);
        var description = DESCRIPTION.matcher(header);
        var shape = SHAPE.matcher(header);
        if (!description.find() || !shape.find()) {
            throw unreadable(name, "its header is '" + header.strip() + "', which tells no single type and shape");
        }
        var described = description.group(1);
        var text = TEXT.matcher(described);
        var type = text.matches() ? DataType.STRING : TYPES.get(described);
        if (type == null) {
            throw unreadable(
                    name,
                    "its elements are '" + described + "'; understood are " + new TreeSet<>(TYPES.keySet())
                            + " and text, which astype(str) makes of objects");
        }
        int size = text.matches() ? 4 * Integer.parseInt(text.group(1)) : size(type);
        if (FORTRAN.matcher(header).find()) {
            throw unreadable(name, "it is in Fortran order; save numpy.ascontiguousarray of it");
        }
        return new NpyArray(name, type, dims(shape.group(1)), elements(name, in, size, dims(shape.group(1)), room));
    }

    private static long[] dims(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(dim -> !dim.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
    }

    private static ByteBuffer elements(String name, DataInputStream in, int size, long[] shape, long room)
            throws IOException, EngineException {
        double wanted = Arrays.stream(shape).asDoubleStream().reduce(size, (a, b) -> a * b);
        if (wanted > room) {
            throw unreadable(
                    name, "it has " + Arrays.toString(shape) + " elements, more than " + (room >> 20) + " MiB");
        }
        var data = ByteBuffer.allocateDirect((int) wanted).order(ByteOrder.nativeOrder());
        byte[] piece = new byte[1 << 16];
        while (data.hasRemaining()) {
            int count = in.read(piece, 0, Math.min(piece.length, data.remaining()));
            if (count < 0) {
                throw unreadable(name, "it ends after " + data.position() + " of " + data.capacity() + " bytes");
            }
            data.put(piece, 0, count);
        }
        return data.flip();
    }

    static int size(DataType type) {
        return switch (type) {
            case DOUBLE, INT64 -> 8;
            case FLOAT, INT32 -> 4;
            case FLOAT16, INT16 -> 2;
            default -> 1;
        };
    }

    /** The bytes of one step along the first axis. */
    int rowBytes() {
        long rows = shape[0];
        return rows == 0 ? 0 : (int) (data.capacity() / rows);
    }

    private static EngineException unreadable(String name, String why) {
        return new EngineException(
                Fault.SAMPLES_UNREADABLE, "array '" + name + "' of the samples cannot be used: " + why);
    }
}
