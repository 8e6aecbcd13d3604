package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One call. Answers may come from any thread; all else belongs to the connection's event loop. The caller's bytes are taken while a
 * message of them is asked for; what came before that is held, and the window is not opened for it, so that the caller has to wait as
 * well.
 */
public final class Call {
    /** So much may be sent and not read before {@link #isReady} says no. */
    private static final long UNREAD = 32 << 10;

    private final Connection connection;
    private final Http2Stream stream;
    private final Http2Headers headers;
    private final AtomicLong unread = new AtomicLong();
    private @Nullable Receiver receiver;
    private @Nullable Deframer deframer;
    private @Nullable ByteBuf held;
    private @Nullable Future<?> deadline;
    private int wanted;
    private boolean delivering;
    private boolean allReceived;
    private boolean halfClosed;
    private boolean answering;
    private boolean over;
    private boolean reset;
    private long messageSince;
    private long unreadBefore;
    private long unreadSince;

    Call(Connection connection, Http2Stream stream, Http2Headers headers) {
        this.connection = connection;
        this.stream = stream;
        this.headers = headers;
    }

    /** What the caller sent beside its messages; null when there is no such header. */
    public @Nullable String header(String name) {
        var value = headers.get(name);
        return value == null ? null : value.toString();
    }

    /** All such headers by their names, without those of HTTP/2 itself and without binary ones. */
    public Map<String, String> headers() {
        var all = new HashMap<String, String>();
        for (var each : headers) {
            var name = each.getKey().toString();
            if (!name.startsWith(":") && !name.endsWith("-bin")) {
                all.put(name, each.getValue().toString());
            }
        }
        return all;
    }

    /** Asks for so many messages more. */
    public void request(int messages) {
        connection.execute(this, () -> {
            wanted += messages;
            deliver();
        });
    }

    /** Sends one message, whose pieces are taken over, as its prefix is among them. */
    public void send(List<ByteBuf> message) {
        long bytes = 0;
        for (var piece : message) {
            bytes += piece.readableBytes();
        }
        long size = bytes;
        unread.addAndGet(size);
        connection.execute(this, () -> write(message, size));
    }

    /** Whether the caller has read what was sent, but for a little. */
    public boolean isReady() {
        return unread.get() < UNREAD;
    }

    /** Ends the call. What is sent or closed after that is dropped. */
    public void close(Status status) {
        connection.execute(this, () -> end(status));
    }

    private void write(List<ByteBuf> message, long bytes) {
        if (over) {
            unread.addAndGet(-bytes);
            message.forEach(ByteBuf::release);
            return;
        }
        if (!answering) {
            answering = true;
            connection.writeHeaders(stream);
        }
        connection.writeMessage(this, stream, message);
    }

    /** So many bytes have left, or never will. */
    void written(int bytes) {
        long before = unread.getAndAdd(-bytes);
        var told = receiver;
        if (before >= UNREAD && before - bytes < UNREAD && told != null && !over) {
            told.ready();
        }
    }

    private void end(Status status) {
        if (over) {
            return;
        }
        over = true;
        connection.writeEnd(stream, status, answering);
        clean();
    }

    /** Begins to be answered. */
    void begin(Receiver by, Deframer messages, boolean last) {
        receiver = by;
        deframer = messages;
        allReceived = last;
        messageSince = System.nanoTime();
        var nanos = Timeout.nanos(headers.get("grpc-timeout"));
        if (nanos != null && !over) {
            deadline = connection.schedule(
                    this,
                    () -> fail(new Status(Status.Code.DEADLINE_EXCEEDED, "the caller's deadline has passed")),
                    nanos,
                    TimeUnit.NANOSECONDS);
        }
        deliver();
    }

    /** Takes data, or holds it until it is wanted; returns how many bytes were taken. */
    int received(ByteBuf data, boolean last) {
        allReceived |= last;
        int arrived = data.readableBytes();
        if (over) {
            return arrived;
        }
        if (held == null) {
            take(data);
        }
        int kept = over ? 0 : data.readableBytes();
        if (kept > 0 && !hold(data)) {
            fail(Deframer.NO_ROOM);
        }
        halfCloseIfDone();
        return arrived - kept;
    }

    /** Copies it: a slice would keep all of what was read with it. False when there is no room. */
    private boolean hold(ByteBuf data) {
        if (!connection.budget().take(data.readableBytes())) {
            return false;
        }
        var holding = held;
        if (holding == null) {
            holding = connection.buffer(data.readableBytes());
            held = holding;
        }
        holding.writeBytes(data);
        return true;
    }

    private void deliver() {
        var holding = held;
        if (delivering) {
            return; // whoever delivers goes on
        }
        if (holding != null && isTaking()) {
            int before = holding.readableBytes();
            take(holding);
            if (over) {
                return;
            }
            int taken = before - holding.readableBytes();
            connection.budget().giveBack(taken);
            connection.consumed(stream, taken);
            if (holding.isReadable()) {
                holding.discardSomeReadBytes();
            } else {
                held = null;
                holding.release();
            }
        }
        halfCloseIfDone();
    }

    /** Where the next bytes of a message belong, of which so many come; null when that is not known. */
    @Nullable
    ByteBuf place(int bytes) {
        return held == null && isTaking() && deframer != null ? deframer.place(bytes) : null;
    }

    private boolean isTaking() {
        return !over && deframer != null && (wanted > 0 || deframer.isInside());
    }

    private void take(ByteBuf data) {
        var messages = deframer;
        if (messages == null) {
            return;
        }
        delivering = true;
        try {
            while (isTaking() && data.isReadable()) {
                if (!messages.isInside()) {
                    wanted--;
                    messageSince = System.nanoTime();
                }
                messages.read(data);
                if (!over) {
                    connection.expect(stream, messages.missing());
                }
                if (!messages.isInside() && !allReceived) {
                    messageSince = System.nanoTime();
                }
            }
        } catch (Deframer.Refusal refused) {
            fail(refused.status());
        } finally {
            delivering = false;
        }
    }

    private void halfCloseIfDone() {
        var messages = deframer;
        var told = receiver;
        if (!allReceived || halfClosed || over || held != null || messages == null || told == null) {
            return;
        }
        halfClosed = true;
        if (messages.isInside()) {
            fail(new Status(Status.Code.INVALID_ARGUMENT, "the call ended in the middle of a message"));
        } else {
            messages.handOver();
            told.halfClosed();
        }
    }

    /** Ends the call for its caller, and tells who answers it. */
    void fail(Status status) {
        if (over) {
            return;
        }
        try {
            tellCancelled();
        } finally {
            end(status);
        }
    }

    private void tellCancelled() {
        var told = receiver;
        if (told != null) {
            told.cancelled();
        }
    }

    /** The stream is closed, by whoever. */
    void closed() {
        try {
            if (!over) {
                over = true;
                tellCancelled();
            }
        } finally {
            clean();
        }
    }

    private void clean() {
        var messages = deframer;
        if (messages != null) {
            messages.drop();
        }
        var dropped = held;
        held = null;
        if (dropped != null) {
            connection.budget().giveBack(dropped.readableBytes());
            connection.consumed(stream, dropped.readableBytes());
            dropped.release();
        }
        var timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /** Ends the call of a client that sends a message more slowly than any real one, or does not end what it began, or does not read. */
    void checkPatience(long now, long patienceNanos) {
        var messages = deframer;
        var told = receiver;
        if (messages != null && messages.isSlow(now - messageSince, patienceNanos)) {
            fail(new Status(
                    Status.Code.DEADLINE_EXCEEDED, "the message arrives too slowly; --stall-timeout-secs bounds it"));
        }
        if (messages != null
                && told != null
                && told.awaitsEnd()
                && !halfClosed
                && !messages.isInside()
                && now - messageSince > patienceNanos) {
            fail(new Status(
                    Status.Code.DEADLINE_EXCEEDED,
                    "the caller neither sends more nor ends the call; --stall-timeout-secs bounds it"));
        }
        long waiting = unread.get();
        if (waiting != unreadBefore || waiting == 0) {
            unreadBefore = waiting;
            unreadSince = now;
        } else if (reset) {
            connection.abandon(); // it does not even read that
        } else if (now - unreadSince > patienceNanos) {
            reset = true;
            connection.reset(stream);
        }
    }
}
