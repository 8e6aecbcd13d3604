package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;

/** Sends an answer in chunks, and no faster than they are read. */
final class ChunkedAnswer implements PartsWriter {
    private static final long READ_DEADLINE_NANOS = 60_000_000_000L;

    private final ChannelHandlerContext ctx;
    private final Runnable atEnd;
    private final Object change = new Object();

    /** @param atEnd runs on the connection's thread when the last part is on its way */
    ChunkedAnswer(ChannelHandlerContext ctx, Runnable atEnd) {
        this.ctx = ctx;
        this.atEnd = atEnd;
    }

    void begin(String contentType, boolean keepAlive) {
        var head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, contentType)
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        if (!keepAlive) {
            head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        var _ = ctx.write(head);
    }

    @Override
    public void write(ByteBuf part) {
        boolean given = false;
        try {
            if (!ctx.executor().inEventLoop()) {
                awaitRoom();
            }
            given = true;
        } finally {
            if (!given) {
                part.release();
            }
        }
        var _ = ctx.writeAndFlush(new DefaultHttpContent(part));
    }

    private void awaitRoom() {
        long end = System.nanoTime() + READ_DEADLINE_NANOS;
        var channel = ctx.channel();
        synchronized (change) {
            while (channel.isActive() && !channel.isWritable()) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    var _ = ctx.close();
                    throw new ServingException(Reason.CANCELLED, "the caller has read nothing for 60 s");
                }
                try {
                    change.wait(left);
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                    throw ServingException.unavailable("the server is going away");
                }
            }
        }
        if (!channel.isActive()) {
            throw new ServingException(Reason.CANCELLED, "the caller went away");
        }
    }

    /** There may be room now, or nobody left to read. */
    void changed() {
        synchronized (change) {
            change.notifyAll();
        }
    }

    @Override
    public void end() {
        ctx.executor().execute(atEnd);
    }
}
