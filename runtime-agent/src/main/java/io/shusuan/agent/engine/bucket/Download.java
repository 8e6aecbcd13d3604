package io.shusuan.agent.engine.bucket;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** An object's bytes: no fewer than were announced, and not for ever. */
final class Download extends FilterInputStream {
    private final long announced;
    private final Duration most;
    private final long end;
    private long read;

    Download(InputStream from, long announced, Duration most) {
        super(from);
        this.announced = announced;
        this.most = most;
        this.end = System.nanoTime() + most.toNanos();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (System.nanoTime() > end) {
            throw new CutOffException("after " + most.toSeconds() + " s only " + read + " of " + announced
                    + " bytes had come, which is too slow");
        }
        int count;
        try {
            count = super.read(into, from, length);
        } catch (IOException broken) {
            throw new CutOffException("the connection broke after " + read + " of " + announced + " bytes: " + broken);
        }
        if (count < 0 && read < announced) {
            throw new CutOffException("the connection ended after " + read + " of " + announced + " bytes");
        }
        read += Math.max(0, count);
        return count;
    }
}
