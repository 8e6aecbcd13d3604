package io.shusuan.agent.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.UncheckedBooleanSupplier;
import io.shusuan.agent.inference.CopiedBytes;
import org.jspecify.annotations.Nullable;

/**
 * Has the socket write what a connection is waiting for to where it will lie. The next bytes of a large tensor are known to be the tensor's
 * and nothing else's, so the buffer to read into is the piece of it that is still empty; whoever appends them then finds them in place.
 * Over TLS what arrives is not yet what was sent, and it is copied.
 */
public final class ReadInPlace implements RecvByteBufAllocator {
    /** What is read at once of a large message. */
    public static final int MAX_PIECE_BYTES = 512 << 10;

    /** Of what begins a message so much at most is read, and copied; the rest is read in place. */
    private static final int MAX_BEGINNING_BYTES = 64 << 10;

    /** Less is not worth a read of its own. */
    private static final int WORTHWHILE_BYTES = 16 << 10;

    private static final RecvByteBufAllocator ELSEWHERE =
            new AdaptiveRecvByteBufAllocator(512, 4096, MAX_BEGINNING_BYTES);

    /** Knows where the next bytes of a connection belong. */
    public interface Receiving {
        /** An empty part of a buffer, to which all that can be read now belongs; null when that is not known. */
        @Nullable
        ByteBuf place();
    }

    private final Receiving receiving;

    private ReadInPlace(Receiving receiving) {
        this.receiving = receiving;
    }

    /** To be asked for once the connection's pipeline is there. */
    public static void on(Channel connection, Receiving receiving) {
        if (connection.pipeline().get(SslHandler.class) == null) {
            connection.config().setRecvByteBufAllocator(new ReadInPlace(receiving));
        }
    }

    /** Where the next bytes of a buffer lie that are still to come; null when there are too few of them. */
    public static @Nullable ByteBuf end(ByteBuf target, long missing) {
        int bytes = (int) Math.min(missing, MAX_PIECE_BYTES);
        return bytes < WORTHWHILE_BYTES || !target.hasMemoryAddress()
                ? null
                : target.retainedSlice(target.writerIndex(), bytes).clear();
    }

    /** Takes so many bytes off the data, and copies them unless they lie at the end of the target already. */
    public static void append(ByteBuf data, int count, ByteBuf target) {
        if (target.isWritable(count) && isAtEnd(data, target)) {
            data.skipBytes(count);
            target.writerIndex(target.writerIndex() + count);
        } else {
            target.writeBytes(data, count);
            CopiedBytes.add(count);
        }
    }

    private static boolean isAtEnd(ByteBuf data, ByteBuf target) {
        return data.hasMemoryAddress()
                && target.hasMemoryAddress()
                && data.memoryAddress() + data.readerIndex() == target.memoryAddress() + target.writerIndex();
    }

    @Override
    @SuppressWarnings("deprecation") // Netty asks for the class of before, and for this one beneath
    public Handle newHandle() {
        return new Reads((ExtendedHandle) ELSEWHERE.newHandle());
    }

    private final class Reads extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle delegate;

        Reads(ExtendedHandle delegate) {
            super(delegate);
            this.delegate = delegate;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            var place = receiving.place();
            return place == null ? super.allocate(allocator) : place;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return delegate.continueReading(maybeMoreData);
        }
    }
}
