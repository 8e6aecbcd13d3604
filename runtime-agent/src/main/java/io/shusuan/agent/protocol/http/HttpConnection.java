package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.shusuan.agent.protocol.BodyBudget;
import io.shusuan.agent.protocol.ReadInPlace;
import io.shusuan.agent.trace.Trace;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One connection. It gathers a request, gives it to the service and answers requests in the order they came: one is with the service
 * at a time, those a client sends ahead wait here, and beyond a few of them the socket is no longer read. All state belongs to the
 * channel's event loop.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    private static final Logger log = System.getLogger(HttpConnection.class.getName());
    private static final int MAX_WAITING = 8;

    /** What the socket's own buffers swallow: smaller answers are not worth the counting. */
    private static final int UNCOUNTED_ANSWER = 64 << 10;

    /** A request that has arrived, with the room in the budget that its body takes. */
    private record Waiting(HttpCall call, boolean keepAlive, long budgeted) {}

    private final HttpService service;
    private final int maxBodyBytes;
    private final BodyBudget budget;
    private final StallGuard guard;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable HttpRequest head;
    private @Nullable ByteBuf body;
    private long budgeted;
    private long receivedNanos;
    private @Nullable Answering current;
    private boolean serving;
    private boolean discarding;
    private boolean draining;

    HttpConnection(HttpService service, int maxBodyBytes, BodyBudget budget, StallGuard guard) {
        this.service = service;
        this.maxBodyBytes = maxBodyBytes;
        this.budget = budget;
        this.guard = guard;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (discarding) {
                return;
            }
            if (message instanceof HttpRequest request) {
                begin(ctx, request);
            }
            if (!discarding && message instanceof HttpContent content) {
                append(ctx, content);
            }
        } catch (OutOfMemoryError full) {
            log.log(Level.ERROR, "no memory for a request body: {0}", full.getMessage());
            refuse(ctx, HttpResponseStatus.SERVICE_UNAVAILABLE, "the server has no memory left for this request");
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest request) {
        head = request;
        if (request.decoderResult().isFailure()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, "the request is not valid HTTP");
            return;
        }
        long length;
        try {
            length = HttpUtil.getContentLength(request, -1L);
        } catch (NumberFormatException notANumber) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, "the Content-Length is not a number");
            return;
        }
        if (length > maxBodyBytes) {
            refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, tooLarge());
            return;
        }
        if (!budget.take(Math.max(0, length))) {
            refuse(ctx, HttpResponseStatus.SERVICE_UNAVAILABLE, noRoom());
            return;
        }
        budgeted = Math.max(0, length);
        if (HttpUtil.is100ContinueExpected(request)) {
            var _ = ctx.writeAndFlush(new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
        }
        guard.begun();
        receivedNanos = System.nanoTime();
        body = RequestBody.allocate(ctx.alloc(), request.headers(), length, maxBodyBytes);
    }

    private void append(ChannelHandlerContext ctx, HttpContent content) {
        if (content.decoderResult().isFailure()) {
            refuse(ctx, HttpResponseStatus.BAD_REQUEST, "the request's body is not valid HTTP");
            return;
        }
        var gathered = body;
        var request = head;
        if (gathered == null || request == null) {
            return;
        }
        if (gathered.readableBytes() + content.content().readableBytes() > maxBodyBytes) {
            refuse(ctx, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, tooLarge());
            return;
        }
        long more = gathered.readableBytes() + content.content().readableBytes() - budgeted;
        if (more > 0) {
            if (!budget.take(more)) {
                refuse(ctx, HttpResponseStatus.SERVICE_UNAVAILABLE, noRoom());
                return;
            }
            budgeted += more;
        }
        ReadInPlace.append(content.content(), content.content().readableBytes(), gathered);
        if (content instanceof LastHttpContent) {
            head = null;
            body = null;
            guard.received();
            waiting.add(new Waiting(
                    new HttpCall(request.method(), request.uri(), request.headers(), gathered, receivedNanos),
                    HttpUtil.isKeepAlive(request),
                    budgeted));
            budgeted = 0;
            if (waiting.size() > MAX_WAITING) {
                ctx.channel().config().setAutoRead(false);
            }
            serveNext(ctx);
        }
    }

    /** Where the bytes belong that are read next: of a body only its declared length can be relied on. */
    @Nullable
    ByteBuf place() {
        var gathered = body;
        return gathered == null ? null : ReadInPlace.end(gathered, budgeted - gathered.readableBytes());
    }

    private static String noRoom() {
        return "the server holds as many bytes of requests as it may; try again later";
    }

    private String tooLarge() {
        return "the request's body exceeds " + maxBodyBytes + " bytes; --http-max-input-size raises the limit";
    }

    /** Answers at once and closes: what follows on this connection cannot be told apart from the broken request. */
    private void refuse(ChannelHandlerContext ctx, HttpResponseStatus status, String message) {
        discarding = true;
        boolean withBody = isAnsweredWithBody(head);
        dropBody();
        var running = current;
        if (running == null && waiting.isEmpty()) {
            var _ = write(ctx, HttpAnswer.error(status, HttpAnswer.JSON, message), false, withBody);
        } else {
            var _ = ctx.close();
        }
    }

    private static boolean isAnsweredWithBody(@Nullable HttpRequest request) {
        return request == null || !request.method().equals(HttpMethod.HEAD);
    }

    /** Gives waiting requests to the service until one takes its time. An answer that comes at once does not come through here again. */
    private void serveNext(ChannelHandlerContext ctx) {
        if (serving) {
            return;
        }
        serving = true;
        try {
            while (current == null && ctx.channel().isWritable()) {
                var next = waiting.poll();
                if (next == null) {
                    return;
                }
                if (waiting.size() < MAX_WAITING && !ctx.channel().config().isAutoRead()) {
                    ctx.channel().config().setAutoRead(true);
                }
                serve(ctx, next);
            }
        } finally {
            serving = false;
        }
    }

    private void serve(ChannelHandlerContext ctx, Waiting next) {
        var answering = new Answering(ctx, next);
        current = answering;
        try {
            service.handle(next.call(), answering);
        } catch (RuntimeException failure) {
            answering.refused();
            answering.send(service.answerFor(failure));
        }
    }

    /** The way back for one call; later answers to the same call are dropped with a line in the log. */
    private final class Answering implements Responder {
        private final ChannelHandlerContext ctx;
        private final Waiting call;
        private volatile @Nullable Runnable disconnectAction;
        private volatile @Nullable ChunkedAnswer parts;
        private @Nullable Trace trace;

        Answering(ChannelHandlerContext ctx, Waiting call) {
            this.ctx = ctx;
            this.call = call;
        }

        @Override
        public void send(HttpAnswer answer) {
            sendLater(() -> answer);
        }

        @Override
        public void sendLater(Supplier<HttpAnswer> answer) {
            if (ctx.executor().inEventLoop()) {
                finish(answer);
            } else {
                ctx.executor().execute(() -> finish(answer));
            }
        }

        @Override
        public void onDisconnect(Runnable action) {
            disconnectAction = action;
        }

        @Override
        public void traced(Trace follower) {
            trace = follower;
        }

        @Override
        public PartsWriter begin(String contentType) {
            var follower = trace;
            if (follower != null) {
                follower.sending();
            }
            var chunked = new ChunkedAnswer(ctx, this::partsEnd);
            parts = chunked;
            chunked.begin(contentType, call.keepAlive());
            return chunked;
        }

        private void partsEnd() {
            if (current != this) {
                return;
            }
            current = null;
            drop(call);
            var written = ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
            tellSent(written);
            if (!call.keepAlive() || draining || discarding) {
                var _ = written.addListener(ChannelFutureListener.CLOSE);
            }
            serveNext(ctx);
        }

        private void tellSent(ChannelFuture written) {
            var follower = trace;
            if (follower != null) {
                var _ = written.addListener(_ -> follower.sent());
            }
        }

        void refused() {
            var follower = trace;
            if (follower != null) {
                follower.refused();
            }
        }

        void left() {
            var action = disconnectAction;
            if (action != null) {
                action.run();
            }
            var follower = trace;
            if (follower != null) {
                follower.sent();
            }
        }

        void changed() {
            var writing = parts;
            if (writing != null) {
                writing.changed();
            }
        }

        private void finish(Supplier<HttpAnswer> supplier) {
            HttpAnswer answer;
            try {
                answer = supplier.get();
            } catch (RuntimeException failure) {
                answer = service.answerFor(failure);
            }
            if (current != this) {
                answer.release();
                return;
            }
            current = null;
            drop(call);
            var follower = trace;
            if (follower != null) {
                follower.sending();
            }
            boolean withBody = !call.call().method().equals(HttpMethod.HEAD);
            tellSent(write(ctx, answer, call.keepAlive() && !draining && !discarding, withBody));
            serveNext(ctx);
        }
    }

    /** @param withBody false for who asked for the headers alone */
    private ChannelFuture write(ChannelHandlerContext ctx, HttpAnswer answer, boolean keepAlive, boolean withBody) {
        int bytes = answer.body().readableBytes();
        if (!withBody) {
            answer.body().skipBytes(bytes);
        }
        var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status(), answer.body());
        var headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, answer.contentType());
        headers.set(HttpHeaderNames.CONTENT_LENGTH, bytes);
        answer.headers().forEach(headers::set);
        if (!keepAlive) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
        var written = ctx.writeAndFlush(response);
        if (bytes > UNCOUNTED_ANSWER) {
            budget.hold(bytes);
            var _ = written.addListener(_ -> budget.giveBack(bytes));
        }
        if (!keepAlive) {
            var _ = written.addListener(ChannelFutureListener.CLOSE);
        }
        return written;
    }

    /** Closes once the requests that have arrived are answered. Called on the event loop. */
    void drain(Channel channel) {
        draining = true;
        if (current == null && waiting.isEmpty() && head == null) {
            var _ = channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        dropBody();
        waiting.forEach(this::drop);
        waiting.clear();
        var running = current;
        current = null;
        if (running != null) {
            running.left();
            drop(running.call);
            running.changed();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        var running = current;
        if (running != null) {
            running.changed();
        }
        if (ctx.channel().isWritable()) {
            serveNext(ctx);
        }
        ctx.fireChannelWritabilityChanged();
    }

    private void drop(Waiting call) {
        call.call().body().release();
        budget.giveBack(call.budgeted());
    }

    private void dropBody() {
        head = null;
        budget.giveBack(budgeted);
        budgeted = 0;
        var dropped = body;
        body = null;
        if (dropped != null) {
            dropped.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause.getCause() instanceof SSLException refused) {
            log.log(Level.DEBUG, "connection {0} closed: {1}", ctx.channel().remoteAddress(), refused.getMessage());
        } else if (!(cause instanceof IOException)) {
            log.log(Level.WARNING, "connection " + ctx.channel().remoteAddress() + " closed", cause);
        }
        var _ = ctx.close();
    }
}
