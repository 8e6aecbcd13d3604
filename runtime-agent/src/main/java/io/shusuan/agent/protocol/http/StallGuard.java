package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import io.shusuan.agent.protocol.Limits;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hangs up on a client who sends a request more slowly than any real one, or does not read its answer, and in the end on one who sends
 * nothing at all. A connection between two requests may rest as long as it likes.
 *
 * <p>A request has the patience in full, and one more second for every 16 KiB that have arrived: dripping does not help. All state
 * belongs to the channel's event loop.
 */
final class StallGuard extends ChannelDuplexHandler {
    private static final long BYTES_PER_SECOND = 16 << 10;

    private final long patienceNanos;
    private final long silenceNanos;
    private final RequestDecoder decoder;
    private @Nullable Future<?> checks;
    private boolean greeted;
    private boolean receiving;
    private long began;
    private long received;
    private long pending;
    private long pendingSince;

    /** @param decoder what reads what this lets through */
    StallGuard(Limits limits, RequestDecoder decoder) {
        this.patienceNanos = limits.patience().toNanos();
        this.silenceNanos = limits.silence().toNanos();
        this.decoder = decoder;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        long interval = Math.max(1, patienceNanos / 4);
        began = System.nanoTime();
        checks = ctx.executor().scheduleWithFixedDelay(() -> check(ctx), interval, interval, TimeUnit.NANOSECONDS);
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        greeted = true;
        begun();
        if (message instanceof ByteBuf bytes) {
            received += bytes.readableBytes();
        }
        ctx.fireChannelRead(message);
        if (decoder.holdsBytes()) {
            begun(); // with the end of the one before
        }
    }

    /** A request begins to arrive. */
    void begun() {
        if (!receiving) {
            receiving = true;
            began = System.nanoTime();
            received = 0;
        }
    }

    /** A request has arrived whole. */
    void received() {
        receiving = false;
    }

    private void check(ChannelHandlerContext ctx) {
        long now = System.nanoTime();
        if (!ctx.channel().config().isAutoRead()) {
            began = now; // it is the server that does not read
        } else if (isStalled(now - began)) {
            var _ = ctx.close();
            return;
        }
        long waiting = ctx.channel().bytesBeforeWritable();
        if (waiting != pending || waiting == 0) {
            pending = waiting;
            pendingSince = now;
        } else if (now - pendingSince > patienceNanos) {
            var _ = ctx.close();
        }
    }

    private boolean isStalled(long nanos) {
        if (!greeted) {
            return nanos > silenceNanos;
        }
        return receiving && nanos > patienceNanos + TimeUnit.SECONDS.toNanos(received / BYTES_PER_SECOND);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        var running = checks;
        if (running != null) {
            running.cancel(false);
        }
        ctx.fireChannelInactive();
    }
}
