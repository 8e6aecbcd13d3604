package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.Future;
import io.shusuan.agent.protocol.BodyBudget;
import io.shusuan.agent.protocol.Limits;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection and the calls on it. What other threads want of it waits in a queue, of which one task of the event loop does all
 * that is there and then sends it by one write.
 */
final class Connection extends Http2ConnectionHandler {
    private static final Logger log = System.getLogger(Connection.class.getName());

    /** Calls that one connection may have open; further ones wait at the client. */
    private static final int MAX_CALLS = 1024;

    private static final int MAX_HEADER_BYTES = 64 << 10;

    /** Of a list that is somewhat too large its call hears, not its connection; with what may stand before and behind the headers. */
    private static final int MAX_HEADERS_FRAME =
            (int) Http2CodecUtil.calculateMaxHeaderListSizeGoAway(MAX_HEADER_BYTES) + 512;

    private static final int STREAM_WINDOW = 1 << 20;

    /** Opened again at once; so much may be under way. */
    private static final int CONNECTION_WINDOW = 16 << 20;

    private static final float WINDOW_RATIO = 0.5f;

    /** Less than this is copied to what is there already: each piece that is kept takes a buffer as large as what might have come. */
    private static final int SMALL_READ = 1024;

    /** An answer's progress is seen in such steps, and smaller answers are not worth the counting. */
    private static final int PIECE = 64 << 10;

    /** Clients that give up calls are served; this many a second do nothing else. */
    private static final int MAX_RESETS_PER_SECOND = 200;

    private static final AsciiString STATUS = AsciiString.cached("grpc-status");
    private static final AsciiString MESSAGE = AsciiString.cached("grpc-message");
    private static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
    private static final AsciiString GRPC = AsciiString.cached("application/grpc");
    private static final AsciiString POST = AsciiString.cached("POST");
    private static final Http2Headers ANSWER = ReadOnlyHttp2Headers.serverHeaders(
            false,
            HttpResponseStatus.OK.codeAsText(),
            CONTENT_TYPE,
            GRPC,
            AsciiString.cached("grpc-accept-encoding"),
            AsciiString.cached(Compression.ACCEPTED));
    private static final Http2Headers WELL = ReadOnlyHttp2Headers.trailers(false, STATUS, AsciiString.cached("0"));

    private final DataPieces decoder;
    private final Map<String, Route> routes;
    private final Limits limits;
    private final BodyBudget budget;
    private final Http2Connection.PropertyKey calls;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean taken = new AtomicBoolean();
    private @Nullable ChannelHandlerContext context;
    private @Nullable Future<?> checks;
    private boolean greeted;
    private long since;
    private boolean reading;
    private boolean unsent;

    private Connection(
            DataPieces decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            Map<String, Route> routes,
            Limits limits,
            BodyBudget budget) {
        super(decoder, encoder, settings);
        this.decoder = decoder;
        this.routes = routes;
        this.limits = limits;
        this.budget = budget;
        this.calls = connection().newKey();
        // what is left of a frame is kept beside the bytes that follow, not copied before them
        setCumulator(
                (allocator, before, in) -> (in.readableBytes() < SMALL_READ ? MERGE_CUMULATOR : COMPOSITE_CUMULATOR)
                        .cumulate(allocator, before, in));
        connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                Call call = stream.getProperty(calls);
                if (call != null) {
                    call.closed();
                }
            }
        });
    }

    static Connection of(Map<String, Route> routes, Limits limits, BodyBudget budget) {
        return new Builder(routes, limits, budget).build();
    }

    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Connection, Builder> {
        private final Map<String, Route> routes;
        private final Limits limits;
        private final BodyBudget budget;

        Builder(Map<String, Route> routes, Limits limits, BodyBudget budget) {
            this.routes = routes;
            this.limits = limits;
            this.budget = budget;
        }

        @Override
        protected Connection build() {
            var connection = new DefaultHttp2Connection(true);
            connection
                    .remote()
                    .flowController(new DefaultHttp2RemoteFlowController(
                            connection, new UniformStreamByteDistributor(connection)));
            // the connection's window is opened at once: what one call does not want yet must not keep the others
            // waiting
            connection.local().flowController(new DefaultHttp2LocalFlowController(connection, WINDOW_RATIO, true));
            connection(connection);
            initialSettings(new Http2Settings()
                    .maxConcurrentStreams(MAX_CALLS)
                    .maxHeaderListSize(MAX_HEADER_BYTES)
                    .maxFrameSize(DataPieces.MAX_FRAME_BYTES)
                    .initialWindowSize(STREAM_WINDOW));
            decoderEnforceMaxRstFramesPerWindow(MAX_RESETS_PER_SECOND * 10, 10);
            encoderEnforceMaxRstFramesPerWindow(MAX_RESETS_PER_SECOND * 10, 10);
            return super.build();
        }

        @Override
        protected Connection build(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            var built = new Connection(
                    new DataPieces(decoder, MAX_HEADERS_FRAME), encoder, settings, routes, limits, budget);
            frameListener(built.new Frames());
            return built;
        }
    }

    private final class Frames extends Http2FrameAdapter {
        @Override
        public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
            greeted = true;
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx,
                int streamId,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean last) {
            onHeadersRead(ctx, streamId, headers, padding, last);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean last) {
            var stream = connection().stream(streamId);
            Call known = stream.getProperty(calls);
            if (known == null) {
                begin(stream, headers, last);
            } else {
                guarded(known, () -> known.received(Unpooled.EMPTY_BUFFER, last));
            }
        }

        @Override
        public int onDataRead(ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean last) {
            Call call = connection().stream(streamId).getProperty(calls);
            int before = data.readableBytes();
            if (call == null) {
                return before + padding;
            }
            return padding + guarded(call, () -> call.received(data, last));
        }
    }

    private interface Taking {
        int bytes();
    }

    /** A fault of ours ends its call, not the connection. */
    private static int guarded(Call call, Taking taking) {
        try {
            return taking.bytes();
        } catch (OutOfMemoryError full) {
            log.log(Level.ERROR, "no memory for a message: {0}", full.getMessage());
            call.fail(new Status(Status.Code.UNAVAILABLE, "the server has no memory left for this request"));
        } catch (RuntimeException failed) {
            log.log(Level.ERROR, "a call failed", failed);
            call.fail(new Status(Status.Code.INTERNAL, "the server failed; its log says why"));
        }
        return 0;
    }

    private static void guarded(Call call, Runnable task) {
        guarded(call, () -> {
            task.run();
            return 0;
        });
    }

    private void begin(Http2Stream stream, Http2Headers headers, boolean last) {
        var type = headers.get(CONTENT_TYPE);
        if (!POST.contentEquals(Objects.requireNonNullElse(headers.method(), ""))) {
            refuse(stream, HttpResponseStatus.METHOD_NOT_ALLOWED);
            return;
        }
        if (type == null || !type.toString().startsWith(GRPC.toString())) {
            refuse(stream, HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE);
            return;
        }
        var call = new Call(this, stream, headers);
        stream.setProperty(calls, call);
        var route = routes.get(String.valueOf(headers.path()));
        if (route == null) {
            call.close(new Status(Status.Code.UNIMPLEMENTED, "there is no method " + headers.path()));
            return;
        }
        var compression = Compression.named(headers.get("grpc-encoding"));
        if (compression == null) {
            call.close(new Status(
                    Status.Code.UNIMPLEMENTED,
                    "the grpc-encoding " + headers.get("grpc-encoding") + " is not known; " + Compression.ACCEPTED
                            + " are"));
            return;
        }
        guarded(call, () -> {
            var receiver = route.begin(call);
            call.begin(receiver, new Deframer(receiver, compression, limits.bodyBytes(), budget), last);
        });
    }

    private void refuse(Http2Stream stream, HttpResponseStatus status) {
        if (stream.isHeadersSent()) {
            return; // these are its trailers
        }
        unsent = true;
        var headers = new DefaultHttp2Headers().status(status.codeAsText());
        var written = encoder().writeHeaders(ctx(), stream.id(), headers, 0, true, ctx().newPromise());
        var _ = written.addListener(_ -> letGo(stream));
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(context);
    }

    BodyBudget budget() {
        return budget;
    }

    ByteBuf buffer(int bytes) {
        return ctx().alloc().buffer(bytes);
    }

    /** Does it on the event loop, behind what was wanted before. A fault ends the call. */
    void execute(Call call, Runnable task) {
        var loop = ctx().executor();
        if (loop.inEventLoop()) {
            doAll();
            guarded(call, task);
            sendUnlessReading();
            return;
        }
        tasks.add(() -> guarded(call, task));
        if (!taken.getAndSet(true)) {
            loop.execute(() -> {
                taken.set(false);
                doAll();
                sendUnlessReading();
            });
        }
    }

    private void doAll() {
        for (var task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void sendUnlessReading() {
        if (unsent && !reading) {
            unsent = false;
            flush(ctx());
        }
    }

    Future<?> schedule(Call call, Runnable task, long delay, TimeUnit unit) {
        return ctx().executor().schedule(() -> execute(call, task), delay, unit);
    }

    /** Where the bytes belong that are read next; null when that is not known. */
    @Nullable
    ByteBuf place() {
        int left = decoder.left();
        var stream = left > 0 ? connection().stream(decoder.stream()) : null;
        Call call = stream == null ? null : stream.getProperty(calls);
        return call == null ? null : call.place(left);
    }

    /**
     * Lets the caller send what is missing of a large message without waiting, as there is room for it, and what else it always may. Once
     * the message is there it is only that again.
     */
    void expect(Http2Stream stream, int bytes) {
        try {
            var windows = connection().local().flowController();
            long always = windows.initialWindowSize();
            long wanted = bytes > STREAM_WINDOW ? Math.min(Integer.MAX_VALUE - STREAM_WINDOW, bytes + always) : always;
            int more = (int) wanted - windows.initialWindowSize(stream);
            if (more != 0) {
                windows.incrementWindowSize(stream, more);
                unsent = true;
            }
        } catch (Http2Exception gone) {
            onError(ctx(), true, gone);
        }
    }

    /** Opens the caller's window by so many bytes. */
    void consumed(Http2Stream stream, int bytes) {
        try {
            unsent |= connection().local().flowController().consumeBytes(stream, bytes);
        } catch (Http2Exception gone) {
            onError(ctx(), true, gone);
        }
    }

    void writeHeaders(Http2Stream stream) {
        unsent = true;
        var _ = encoder().writeHeaders(ctx(), stream.id(), ANSWER, 0, false, ctx().newPromise());
    }

    /** Tells the call what of it has left. */
    void writeMessage(Call call, Http2Stream stream, List<ByteBuf> pieces) {
        unsent = true;
        for (var piece : pieces) {
            while (piece.readableBytes() > PIECE) {
                write(call, stream, piece.readRetainedSlice(PIECE));
            }
            write(call, stream, piece);
        }
    }

    private void write(Call call, Http2Stream stream, ByteBuf data) {
        int bytes = data.readableBytes();
        boolean counted = bytes == PIECE;
        if (counted) {
            budget.hold(bytes);
        }
        var written = ctx().newPromise();
        var _ = written.addListener(_ -> {
            if (counted) {
                budget.giveBack(bytes);
            }
            guarded(call, () -> call.written(bytes));
        });
        var _ = encoder().writeData(ctx(), stream.id(), data, 0, false, written);
    }

    void writeEnd(Http2Stream stream, Status status, boolean answering) {
        unsent = true;
        var written = encoder().writeHeaders(ctx(), stream.id(), end(status, answering), 0, true, ctx().newPromise());
        if (stream.state() != Http2Stream.State.HALF_CLOSED_REMOTE) {
            var _ = written.addListener(_ -> letGo(stream));
        }
    }

    private static Http2Headers end(Status status, boolean answering) {
        if (answering && status.equals(Status.OK)) {
            return WELL;
        }
        var headers = new DefaultHttp2Headers(false);
        if (!answering) {
            headers.status(HttpResponseStatus.OK.codeAsText()).set(CONTENT_TYPE, GRPC);
        }
        headers.setInt(STATUS, status.code().number());
        if (!status.message().isEmpty()) {
            headers.set(MESSAGE, status.encodedMessage());
        }
        return headers;
    }

    /** A call that is answered needs no more of the caller's bytes. */
    private void letGo(Http2Stream stream) {
        if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
            unsent = true;
            var _ = resetStream(ctx(), stream.id(), Http2Error.NO_ERROR.code(), ctx().newPromise());
            sendUnlessReading();
        }
    }

    /** Drops a call whose caller does not read. */
    void reset(Http2Stream stream) {
        unsent = true;
        var _ = resetStream(ctx(), stream.id(), Http2Error.CANCEL.code(), ctx().newPromise());
        sendUnlessReading();
    }

    /** Hangs up on a client that does not read, without waiting for what it should still be sent. */
    void abandon() {
        var _ = ctx().close();
    }

    /** What a client had sent before it heard that its call is over is let be, as RFC 9113 has it in 5.1. */
    @Override
    protected void onStreamError(
            ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception.StreamException error) {
        boolean late = error.error() == Http2Error.STREAM_CLOSED
                && connection().stream(error.streamId()) == null
                && connection().streamMayHaveExisted(error.streamId());
        if (!late) {
            super.onStreamError(ctx, outbound, cause, error);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        context = ctx;
        super.handlerAdded(ctx);
        begun(ctx);
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        super.channelActive(ctx);
        begun(ctx);
    }

    private void begun(ChannelHandlerContext ctx) throws Http2Exception {
        if (checks != null || !ctx.channel().isActive()) {
            return;
        }
        long patience = limits.patience().toNanos();
        long interval = Math.max(1, patience / 4);
        checks = ctx.executor()
                .scheduleWithFixedDelay(() -> checkPatience(patience), interval, interval, TimeUnit.NANOSECONDS);
        since = System.nanoTime();
        connection()
                .local()
                .flowController()
                .incrementWindowSize(
                        connection().connectionStream(), CONNECTION_WINDOW - Http2CodecUtil.DEFAULT_WINDOW_SIZE);
        flush(ctx);
    }

    private void checkPatience(long patienceNanos) {
        long now = System.nanoTime();
        if (!greeted && now - since > limits.silence().toNanos()) {
            abandon();
            return;
        }
        try {
            connection().forEachActiveStream(stream -> {
                Call call = stream.getProperty(calls);
                if (call != null) {
                    guarded(call, () -> call.checkPatience(now, patienceNanos));
                }
                return true;
            });
        } catch (Http2Exception broken) {
            onError(ctx(), true, broken);
        }
        sendUnlessReading();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        reading = true;
        super.channelRead(ctx, message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        reading = false;
        unsent = false;
        super.channelReadComplete(ctx); // sends; what comes of that is sent by whoever causes it
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        var running = checks;
        if (running != null) {
            running.cancel(false);
        }
        super.channelInactive(ctx);
    }
}
