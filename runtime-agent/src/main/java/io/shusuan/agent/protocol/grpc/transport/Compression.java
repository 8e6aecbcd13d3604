package io.shusuan.agent.protocol.grpc.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.DataFormatException;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** How the messages of a call may be compressed. */
enum Compression {
    NONE,
    GZIP,
    DEFLATE;

    static final String ACCEPTED = "identity,gzip,deflate";

    private static final int PIECE = 32 << 10;

    /** By the name in the call's header; null for one that is not known here. */
    static @Nullable Compression named(@Nullable CharSequence name) {
        return switch (name == null ? "identity" : name.toString()) {
            case "identity" -> NONE;
            case "gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default -> null;
        };
    }

    /** Gives the plain bytes on, of which there may be so many, and tells how many there were. */
    long inflate(ByteBuf compressed, int most, MessageReader into)
            throws IOException, DataFormatException, Deframer.Refusal {
        try (var bytes = new ByteBufInputStream(compressed);
                var plain = opened(bytes)) {
            byte[] piece = new byte[PIECE];
            long all = 0;
            for (int count = plain.read(piece); count >= 0; count = plain.read(piece)) {
                all += count;
                if (all > most) {
                    throw new Deframer.Refusal(
                            Status.Code.RESOURCE_EXHAUSTED,
                            "the message has more than " + most
                                    + " bytes when it is not compressed; --http-max-input-size raises the limit");
                }
                into.read(Unpooled.wrappedBuffer(piece, 0, count), count);
            }
            return all;
        } catch (ZipException broken) {
            throw new DataFormatException(broken.getMessage());
        } catch (EOFException truncated) {
            throw new DataFormatException("it ends too early");
        }
    }

    private InputStream opened(InputStream bytes) throws IOException {
        return switch (this) {
            case NONE -> bytes;
            case GZIP -> new GZIPInputStream(bytes);
            case DEFLATE -> new InflaterInputStream(bytes);
        };
    }
}
