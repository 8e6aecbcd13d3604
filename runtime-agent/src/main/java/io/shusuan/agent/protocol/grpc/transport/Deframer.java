package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.protocol.BodyBudget;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the messages in the bytes of a call: each has five bytes before it, whether it is compressed and how long it is. A message
 * takes its room in the budget when it begins, whatever of it arrives, and gives it back when it is whole: from there on it counts
 * where it waits. Where it waits for the end of its call that room is kept until then.
 */
final class Deframer {
    private static final int PREFIX = 5;
    private static final long BYTES_PER_SECOND = 16 << 10;

    static final Status NO_ROOM = new Status(
            Status.Code.UNAVAILABLE, "the server holds as many bytes of requests as it may; try again later");

    /** A message that a call cannot go on with, and how the call ends. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;
        private final transient Status status;

        Refusal(Status.Code code, String message) {
            this(new Status(code, message));
        }

        Refusal(Status status) {
            super(status.message(), null, false, false);
            this.status = status;
        }

        Status status() {
            return status;
        }
    }

    private final Receiver receiver;
    private final Compression compression;
    private final int maxMessage;
    private final BodyBudget budget;
    private int prefixed;
    private boolean compressed;
    private int length;
    private int left;
    private long taken;
    private long kept;
    private @Nullable MessageReader reader;
    private @Nullable ByteBuf deflated;

    Deframer(Receiver receiver, Compression compression, int maxMessage, BodyBudget budget) {
        this.receiver = receiver;
        this.compression = compression;
        this.maxMessage = maxMessage;
        this.budget = budget;
    }

    /** Whether a message has begun and is not whole. */
    boolean isInside() {
        return prefixed > 0;
    }

    /** How much of a message that has begun is still to come. */
    int missing() {
        return left;
    }

    /** Where the next bytes of a message belong, of which so many come; null when that is not known. */
    @Nullable
    ByteBuf place(int bytes) {
        return reader == null || deflated != null ? null : reader.place(Math.min(bytes, left));
    }

    /** Whether a message that began so long ago should be further: it has the patience, and a second for every 16 KiB it has sent. */
    boolean isSlow(long nanos, long patienceNanos) {
        int arrived = prefixed == PREFIX ? length - left : 0;
        return isInside() && nanos > patienceNanos + TimeUnit.SECONDS.toNanos(arrived / BYTES_PER_SECOND);
    }

    /** Takes bytes up to the end of one message at most. */
    void read(ByteBuf data) throws Refusal {
        while (prefixed < PREFIX) {
            if (!data.isReadable()) {
                return;
            }
            prefix(data.readUnsignedByte());
        }
        int count = Math.min(left, data.readableBytes());
        left -= count;
        try {
            var gathered = deflated;
            if (gathered != null) {
                gathered.writeBytes(data, count);
            } else if (reader != null && count > 0) {
                reader.read(data, count);
            }
            if (left > 0) {
                return;
            }
            if (gathered != null) {
                inflate(gathered);
            }
            var whole = reader;
            reader = null;
            if (receiver.awaitsEnd()) {
                kept += taken;
                taken = 0;
            }
            reset();
            if (whole != null) {
                whole.end();
            }
        } catch (IOException noMessage) {
            throw new Refusal(Status.Code.INVALID_ARGUMENT, "the request is not a protobuf message");
        }
    }

    private void prefix(int next) throws Refusal {
        if (prefixed == 0) {
            compressed = next == 1;
            if (next > 1) {
                throw new Refusal(Status.Code.INTERNAL, "the first byte before a message is neither 0 nor 1");
            }
        } else {
            length = (length << 8) | next;
        }
        prefixed++;
        if (prefixed == PREFIX) {
            begin();
        }
    }

    private void begin() throws Refusal {
        if (length < 0 || length > maxMessage) {
            long said = Integer.toUnsignedLong(length);
            throw new Refusal(
                    Status.Code.RESOURCE_EXHAUSTED,
                    "the message has " + said + " bytes and may have " + maxMessage
                            + "; --http-max-input-size raises the limit");
        }
        if (!budget.take(length)) {
            throw new Refusal(NO_ROOM);
        }
        taken = length;
        left = length;
        if (compressed) {
            if (compression == Compression.NONE) {
                throw new Refusal(Status.Code.INTERNAL, "a message is compressed, and no grpc-encoding says how");
            }
            deflated = Unpooled.buffer(Math.min(length, 4096));
        } else {
            reader = receiver.message(length);
        }
    }

    private void inflate(ByteBuf gathered) throws IOException, Refusal {
        var into = receiver.message(maxMessage);
        reader = into;
        try {
            long plain = compression.inflate(gathered, maxMessage, into);
            // what does not wait gives its room back at once
            if (receiver.awaitsEnd() && plain > taken) {
                if (!budget.take(plain - taken)) {
                    throw new Refusal(NO_ROOM);
                }
                taken = plain;
            }
        } catch (DataFormatException broken) {
            throw new Refusal(
                    Status.Code.INTERNAL, "a message is not what its grpc-encoding says: " + broken.getMessage());
        }
    }

    private void reset() {
        budget.giveBack(taken);
        taken = 0;
        length = 0;
        left = 0;
        prefixed = 0;
        deflated = null;
    }

    /** The call has ended, and whoever answers takes what has arrived. */
    void handOver() {
        budget.giveBack(kept);
        kept = 0;
    }

    /** Drops what has arrived of a message that will not be whole. */
    void drop() {
        var begun = reader;
        reader = null;
        reset();
        handOver();
        if (begun != null) {
            begun.drop();
        }
    }
}
