import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Images as {@code numpy.savez} writes them: what a conversion of the model is calibrated with, and compared on. */
final class NumpyArchive {

    /** The bytes of numpy's magic, version and length, before the header's text. */
    private static final int PREFIX = 10;

    private NumpyArchive() {}

    /** An array for the model's input, and the digits that were meant. */
    static byte[] of(String input, List<Digit> digits) {
        var pixels = ByteBuffer.allocate(digits.size() * Digit.PIXELS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        var labels = ByteBuffer.allocate(digits.size());
        for (var digit : digits) {
            for (float pixel : digit.pixels()) {
                pixels.putFloat(pixel);
            }
            labels.put((byte) digit.label());
        }
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            write(zip, input, "<f4", "(%d, %d)".formatted(digits.size(), Digit.PIXELS), pixels.array());
            write(zip, "labels", "|u1", "(%d,)".formatted(digits.size()), labels.array());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(ZipOutputStream zip, String name, String type, String shape, byte[] data)
            throws IOException {
        var header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n".formatted(type, shape);
        var prefix = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        prefix.put((byte) 0x93).put("NUMPY".getBytes(US_ASCII)).put((byte) 1).put((byte) 0);
        prefix.putShort((short) header.length());
        zip.putNextEntry(new ZipEntry(name + ".npy"));
        zip.write(prefix.array());
        zip.write(header.getBytes(US_ASCII));
        zip.write(data);
    }
}
