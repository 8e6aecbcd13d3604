package io.shusuan.agent.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One JSON array that grows. Its end is written with every entry and overwritten by the next, so the file can be read at any time. */
final class TraceFile implements AutoCloseable {
    private static final byte[] BEGIN = "[\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BETWEEN = ",\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n]\n".getBytes(StandardCharsets.US_ASCII);

    private final FileChannel channel;
    private long end;

    private TraceFile(FileChannel channel) {
        this.channel = channel;
    }

    /** An earlier server's file of that name is overwritten, as Triton does. */
    static TraceFile create(Path path) throws IOException {
        return new TraceFile(FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING));
    }

    /** @param entries elements of the array, with commas between them */
    void append(byte[] entries) throws IOException {
        byte[] before = end == 0 ? BEGIN : BETWEEN;
        var bytes = ByteBuffer.allocate(before.length + entries.length + END.length)
                .put(before)
                .put(entries)
                .put(END)
                .flip();
        long position = end;
        while (bytes.hasRemaining()) {
            position += channel.write(bytes, position);
        }
        end += before.length + entries.length;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
