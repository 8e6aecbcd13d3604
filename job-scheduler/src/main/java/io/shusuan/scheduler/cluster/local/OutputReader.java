package io.shusuan.scheduler.cluster.local;

import io.shusuan.scheduler.cluster.LogQuery;
import io.shusuan.scheduler.cluster.LogReader;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reads an attempt's output by lines. The cursor is the byte offset behind the line: offsets never change, since old output is
 * given back to the file system by punching holes (see {@code DESIGN.md}), so a reader resumes where it was. A line that is
 * still being written is given once it is whole, or has grown too long, or nobody is left to finish it.
 */
final class OutputReader implements LogReader {

    private static final int POLL_MILLIS = 50;
    static final int LONGEST_LINE = 64 * 1024;

    private final AttemptFolder attempt;
    private final boolean follow;
    private final byte[] buffer = new byte[32 * 1024];
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
    private final Deque<Read.Line> lines = new ArrayDeque<>();
    private long position;

    OutputReader(AttemptFolder attempt, LogQuery query) throws IOException {
        this.attempt = attempt;
        this.follow = query.follow();
        var kept = KeptOutput.begin(attempt);
        if (query.after() != null) {
            position = Math.max(kept, offset(query.after()));
        } else if (query.tailLines() >= 0) {
            position = Math.max(kept, tail(query.tailLines(), kept));
        } else {
            position = kept;
        }
    }

    @Override
    public Read next(Duration wait) throws IOException, InterruptedException {
        var deadline = System.nanoTime() + wait.toNanos();
        while (true) {
            if (!lines.isEmpty()) {
                return lines.removeFirst();
            }
            // Asked before reading: what was written until then is found by the read that follows.
            var ended = attempt.over() || Files.notExists(attempt.path());
            if (fill()) {
                continue;
            }
            if (ended) {
                return partial.size() > 0 ? cut(partial.size()) : new Read.End();
            }
            if (!follow) {
                return new Read.End();
            }
            if (System.nanoTime() >= deadline) {
                return new Read.Quiet();
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Reads one piece. False if there was nothing to read. */
    private boolean fill() throws IOException {
        try (var file = new RandomAccessFile(attempt.output().toFile(), "r")) {
            file.seek(position);
            var count = file.read(buffer);
            var begin = KeptOutput.begin(attempt);
            if (begin > position) {
                // What was read may be a hole by now.
                partial.reset();
                position = begin;
                return true;
            }
            for (var i = 0; i < count; i++) {
                take(buffer[i]);
            }
            return count > 0;
        } catch (FileNotFoundException nothingWritten) {
            return false;
        }
    }

    private void take(byte next) {
        position++;
        if (next == '\n') {
            lines.add(cut(partial.size()));
            return;
        }
        partial.write(next);
        if (partial.size() >= LONGEST_LINE) {
            lines.add(cut(wholeCharacters()));
        }
    }

    /** How many bytes there are before a character that is not complete. */
    private int wholeCharacters() {
        var bytes = partial.toByteArray();
        for (var back = 1; back <= 3; back++) {
            var each = bytes[bytes.length - back] & 0xFF;
            if (each >= 0xC0) {
                var needed = each >= 0xF0 ? 4 : each >= 0xE0 ? 3 : 2;
                return needed > back ? bytes.length - back : bytes.length;
            }
            if (each < 0x80) {
                break;
            }
        }
        return bytes.length;
    }

    /** Makes a line of so many bytes; the cursor stands behind it. */
    private Read.Line cut(int length) {
        var bytes = partial.toByteArray();
        partial.reset();
        partial.write(bytes, length, bytes.length - length);
        var text = new String(bytes, 0, length, StandardCharsets.UTF_8);
        return new Read.Line(
                Long.toString(position - partial.size()),
                text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
    }

    /** Where the last so many lines begin. */
    private long tail(int wanted, long kept) throws IOException {
        try (var file = new RandomAccessFile(attempt.output().toFile(), "r")) {
            var end = file.length();
            var breaks = 0;
            for (var at = end; at > kept && wanted > 0; ) {
                var from = Math.max(kept, at - buffer.length);
                file.seek(from);
                file.readFully(buffer, 0, (int) (at - from));
                for (var i = (int) (at - from) - 1; i >= 0; i--) {
                    // The break at the very end closes the last line, it does not open another.
                    if (buffer[i] == '\n' && from + i != end - 1 && ++breaks == wanted) {
                        return from + i + 1;
                    }
                }
                at = from;
            }
            return wanted == 0 ? end : kept;
        } catch (FileNotFoundException nothingWritten) {
            return kept;
        }
    }

    private static long offset(String cursor) {
        try {
            return Math.max(0, Long.parseLong(cursor));
        } catch (NumberFormatException notOurs) {
            throw new IllegalArgumentException("'%s' is no log cursor of this cluster".formatted(cursor), notOurs);
        }
    }

    @Override
    public void close() {
        // The file is opened for each read only, so that a reader that nobody closes holds nothing.
    }
}
