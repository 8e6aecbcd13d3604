package io.shusuan.api.serving;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.coyote.CloseNowException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way to a replica. A thread of its own sends it, while the one that serves the request reads
 * the answer: so a replica may answer from the first byte on, and refuse what has not come yet. What ties the two together:
 *
 * <ul>
 *   <li>When the caller breaks off, the connection to the replica is cut, so that it takes no half for the whole.
 *   <li>When the answer is over, what was not sent by then stays unsent, and the connection is cut: it is used again only
 *       if the request went through it whole.
 *   <li>When the replica takes no more, it may still answer. The caller is listened to all the same, since many a client
 *       reads only when it has sent everything; for how long is decided by who calls {@link #isTakenWhole}.
 *   <li>The container gives the request's stream to others once it was served: by then the sender has ended.
 * </ul>
 */
final class Upload extends AbstractHttpEntity {

    static final String ATTRIBUTE = Upload.class.getName();

    private static final int BUFFER = 16 << 10;

    /** For the last bytes, which the replica has answered already when their sender has yet to hear that they are gone. */
    private static final Duration LAST_BYTES = Duration.ofSeconds(1);

    /** A caller who sends nothing for so long has heard the answer, or waits for it. */
    private static final Duration QUIET = Duration.ofSeconds(1);

    /** How long a caller may send what nobody wants. */
    private static final Duration LINGER = Duration.ofSeconds(10);

    private final InputStream body;
    private final long length;
    private final AtomicLong moved = new AtomicLong();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean isRead;
    private volatile boolean isSent;
    private volatile @Nullable HttpClientConnection connection;
    private volatile @Nullable BrokenRequestException broken;

    /**
     * @param length in bytes; less than zero if it is not known
     */
    Upload(InputStream body, long length) {
        super((String) null, null, length < 0);
        this.body = body;
        this.length = length;
    }

    /** Begins to send the request, head and body. */
    void start(ClassicHttpRequest request, HttpClientConnection to) {
        connection = to;
        Thread.ofVirtual().name("upload").start(() -> send(request, to));
    }

    private void send(ClassicHttpRequest request, HttpClientConnection to) {
        try {
            to.sendRequestHeader(request);
            flushIfNothingFollows(to::flush);
            to.sendRequestEntity(request);
            to.flush();
            isSent = true;
        } catch (IOException takesNoMore) {
            discardTheRest();
        } catch (HttpException | RuntimeException cannotBeSent) {
            to.close(CloseMode.IMMEDIATE);
        } finally {
            ended.countDown();
        }
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        var buffer = new byte[BUFFER];
        var left = length < 0 ? Long.MAX_VALUE : length;
        while (left > 0) {
            var count = read(buffer, (int) Math.min(left, BUFFER));
            if (count < 0) {
                break;
            }
            out.write(buffer, 0, count);
            moved.addAndGet(count);
            left -= count;
            if (left > 0) {
                flushIfNothingFollows(out::flush);
            }
        }
        isRead = true;
    }

    private int read(byte[] buffer, int most) throws IOException {
        try {
            var count = body.read(buffer, 0, most);
            if (count < 0 && length >= 0) {
                throw new EOFException();
            }
            return count;
        } catch (IOException brokeOff) {
            broken = new BrokenRequestException(brokeOff);
            // Before the stream to the replica is closed, which would end a body of chunks as if it were whole.
            cut();
            throw brokeOff;
        }
    }

    /** So pieces arrive when they are made. */
    private void flushIfNothingFollows(Flush flush) throws IOException {
        if (body.available() == 0) {
            flush.flush();
        }
    }

    private void discardTheRest() {
        try {
            var buffer = new byte[BUFFER];
            while (broken == null && !isRead) {
                var count = body.read(buffer);
                isRead = count < 0;
                moved.addAndGet(Math.max(0, count));
            }
        } catch (IOException brokeOff) {
            broken = new BrokenRequestException(brokeOff);
        }
    }

    /** Nothing more is awaited from the replica. */
    void answerIsOver() {
        if (isRead && !isSent) {
            awaitEnd(LAST_BYTES);
        }
        if (!isSent) {
            cut();
        }
    }

    private void cut() {
        var used = connection;
        if (used != null) {
            used.close(CloseMode.IMMEDIATE);
        }
    }

    /** What a failure to read the answer comes from. */
    IOException reason(IOException failure) {
        var brokeOff = broken;
        return brokeOff == null ? failure : brokeOff;
    }

    /** Reads from the replica. While it takes what is sent it is not silent, whatever it does not say. */
    <T, E extends Exception> T read(Reading<T, E> reading) throws IOException, E {
        while (true) {
            var before = moved.get();
            try {
                return reading.read();
            } catch (SocketTimeoutException silent) {
                if (moved.get() == before) {
                    throw silent;
                }
            }
        }
    }

    boolean isUnderWay() {
        return connection != null && ended.getCount() > 0;
    }

    /** Waits until the caller has sent everything, while he does: not if he falls silent, nor for ever. */
    boolean isTakenWhole() {
        var end = System.nanoTime() + LINGER.toNanos();
        while (true) {
            var before = moved.get();
            if (awaitEnd(QUIET)) {
                return isRead;
            }
            if (moved.get() == before || System.nanoTime() - end > 0) {
                return false;
            }
        }
    }

    private boolean awaitEnd(Duration most) {
        try {
            return ended.await(most.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void awaitEnd() {
        var interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public long getContentLength() {
        return length;
    }

    @Override
    public InputStream getContent() {
        return body;
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public void close() {}

    interface Reading<T, E extends Exception> {
        T read() throws IOException, E;
    }

    private interface Flush {
        void flush() throws IOException;
    }

    /** The caller went away, or sent what is no body, in the middle of the request. */
    static final class BrokenRequestException extends CloseNowException {

        private static final long serialVersionUID = 1;

        BrokenRequestException(IOException cause) {
            super("the caller broke off the request", cause);
        }
    }
}
