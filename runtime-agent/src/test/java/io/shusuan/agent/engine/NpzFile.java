package io.shusuan.agent.engine;

import java.io.IOException;
import java.io.OutputStream;
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

    static Path random(Path file, String input, int samples, int width) throws IOException {
        var random = new Random(7);
        float[] values = new float[samples * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return write(file, input, values, samples, width);
    }

    static Path write(Path file, String input, float[] values, int samples, int width) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(input + ".npy"));
            array(zip, values, "(" + samples + ", " + width + ")");
        }
        return file;
    }

    /** The same zeros for each input. */
    public static Path zeros(Path file, int samples, int width, String... inputs) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (var input : inputs) {
                zip.putNextEntry(new ZipEntry(input + ".npy"));
                array(zip, new float[samples * width], "(" + samples + ", " + width + ")");
            }
        }
        return file;
    }

    private static void array(OutputStream out, float[] values, String shape) throws IOException {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
        var data = ByteBuffer.allocate(10 + header.length() + values.length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        data.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        data.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        for (float value : values) {
            data.putFloat(value);
        }
        out.write(data.array());
    }
}
