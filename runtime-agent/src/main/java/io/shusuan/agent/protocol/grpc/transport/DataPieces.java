package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import java.util.List;

/**
 * Hands a large DATA frame on as it arrives, as if it were several smaller ones: Netty's reader waits until a frame is whole. So clients may
 * send frames of megabytes, whose bytes are read to where they belong, and nothing of that size is gathered before it is looked at. All
 * other frames, and those with padding, which nobody sends, are left to Netty's reader.
 */
final class DataPieces extends DecoratingHttp2ConnectionDecoder {
    /** The largest frame that is taken. Larger ones would spare no more. */
    static final int MAX_FRAME_BYTES = 4 << 20;

    private static final int TYPE = 3;
    private static final int FLAGS = 4;
    private static final int STREAM = 5;

    private final int mostGathered;
    private final ByteBuf header = Unpooled.buffer(Http2CodecUtil.FRAME_HEADER_LENGTH);
    private short flags;
    private int stream;
    private int left;
    private boolean broken;

    /** @param mostGathered the longest frame that is waited for until it is whole */
    DataPieces(Http2ConnectionDecoder decoder, int mostGathered) {
        super(decoder);
        this.mostGathered = mostGathered;
    }

    /** How many bytes of a large DATA frame are still to come, all that can be read next among them; 0 outside of such a frame. */
    int left() {
        return left;
    }

    /** The stream to which they belong. */
    int stream() {
        return stream;
    }

    @Override
    public void decodeFrame(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Http2Exception {
        if (broken) {
            in.skipBytes(in.readableBytes());
            return;
        }
        while (in.isReadable()) {
            if (left > 0) {
                piece(ctx, in, out);
                continue;
            }
            int whole = wholeFrames(in);
            if (whole > 0) {
                decode(ctx, in, whole, out);
            } else if (!begins(in)) {
                return;
            }
        }
    }

    private void piece(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Http2Exception {
        int bytes = Math.min(left, in.readableBytes());
        left -= bytes;
        header.clear()
                .writeMedium(bytes)
                .writeByte(Http2FrameTypes.DATA)
                .writeByte(left > 0 ? flags & ~Http2Flags.END_STREAM : flags)
                .writeInt(stream);
        super.decodeFrame(ctx, header, out);
        decode(ctx, in, bytes, out);
    }

    /** How many bytes the frames take that are there from first to last and need not be taken apart. */
    private int wholeFrames(ByteBuf in) {
        int at = in.readerIndex();
        while (in.writerIndex() - at >= Http2CodecUtil.FRAME_HEADER_LENGTH && isGathered(in, at)) {
            int end = at + Http2CodecUtil.FRAME_HEADER_LENGTH + in.getUnsignedMedium(at);
            if (end > in.writerIndex()) {
                break;
            }
            at = end;
        }
        return at - in.readerIndex();
    }

    private boolean isGathered(ByteBuf in, int at) {
        int length = in.getUnsignedMedium(at);
        return length <= Http2CodecUtil.DEFAULT_MAX_FRAME_SIZE || (length <= mostGathered && !isPlainData(in, at));
    }

    private static boolean isPlainData(ByteBuf in, int at) {
        return in.getByte(at + TYPE) == Http2FrameTypes.DATA && (in.getByte(at + FLAGS) & Http2Flags.PADDED) == 0;
    }

    /** Whether a large frame begins here; its header is taken then. */
    private boolean begins(ByteBuf in) throws Http2Exception {
        int at = in.readerIndex();
        if (in.readableBytes() < Http2CodecUtil.FRAME_HEADER_LENGTH || isGathered(in, at)) {
            return false;
        }
        int length = in.getUnsignedMedium(at);
        int most = isPlainData(in, at) ? MAX_FRAME_BYTES : mostGathered;
        if (length > most) {
            broken = true;
            throw Http2Exception.connectionError(
                    Http2Error.FRAME_SIZE_ERROR, "Frame length: %d exceeds maximum: %d", length, most);
        }
        left = length;
        flags = in.getUnsignedByte(at + FLAGS);
        stream = Http2CodecUtil.readUnsignedInt(in.readerIndex(at + STREAM));
        return true;
    }

    /** Has so many bytes decoded, and those behind them left alone whatever comes of it. */
    private void decode(ChannelHandlerContext ctx, ByteBuf in, int bytes, List<Object> out) throws Http2Exception {
        int end = in.writerIndex();
        in.writerIndex(in.readerIndex() + bytes);
        try {
            super.decodeFrame(ctx, in, out);
        } finally {
            in.writerIndex(end);
        }
    }
}
