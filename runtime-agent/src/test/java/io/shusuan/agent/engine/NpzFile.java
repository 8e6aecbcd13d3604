package io.shusuan.agent.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes samples as numpy.savez does. */
public final class NpzFile {
    private NpzFile() {}

    public static Path random(Path file, String input, int samples, int width) throws IOException {
        var random = new Random(7);
        float[] values = new float[samples * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return write(file, input, values, samples, width);
    }

    static Path write(Path file, String input, float[] values, int samples, int width) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            floats(zip, input, "(" + samples + ", " + width + ")", values);
        }
        return file;
    }

    /** The same zeros for each input. */
    public static Path zeros(Path file, int samples, int width, String... inputs) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (var input : inputs) {
                floats(zip, input, "(" + samples + ", " + width + ")", new float[samples * width]);
            }
        }
        return file;
    }

    /** Square pictures of one channel, and the class of each. */
    static Path pictures(Path file, String input, float[] pixels, int side, byte[] labels) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            floats(zip, input, "(" + labels.length + ", 1, " + side + ", " + side + ")", pixels);
            array(zip, "labels", "|u1", "(" + labels.length + ",)", labels);
        }
        return file;
    }

    private static void floats(ZipOutputStream zip, String name, String shape, float[] values) throws IOException {
        var data = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        array(zip, name, "<f4", shape, data.array());
    }

    private static void array(ZipOutputStream zip, String name, String type, String shape, byte[] data)
            throws IOException {
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        var header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
        var begin = ByteBuffer.allocate(10 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
        begin.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        begin.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        zip.write(begin.array());
        zip.write(data);
    }
}
