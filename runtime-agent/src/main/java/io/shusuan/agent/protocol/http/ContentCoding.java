package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** Compression of bodies. */
enum ContentCoding {
    IDENTITY,
    GZIP,
    DEFLATE;

    /** The weight of a coding that the caller does not want. */
    private static final Pattern REFUSED = Pattern.compile(";\\s*q=0(\\.0*)?\\s*");

    static ContentCoding of(@Nullable String contentEncoding) {
        if (contentEncoding == null) {
            return IDENTITY;
        }
        return switch (contentEncoding.strip().toLowerCase(Locale.ROOT)) {
            case "", "identity" -> IDENTITY;
            case "gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default ->
                throw new HttpRefusal(
                        HttpResponseStatus.NOT_IMPLEMENTED, HttpAnswer.TEXT, "Unsupported compression type");
        };
    }

    /** The coding an answer may have. */
    static ContentCoding accepted(@Nullable String acceptEncoding) {
        if (acceptEncoding == null) {
            return IDENTITY;
        }
        for (var part : acceptEncoding.toLowerCase(Locale.ROOT).split(",", -1)) {
            int weight = part.indexOf(';');
            var coding = (weight < 0 ? part : part.substring(0, weight)).strip();
            if (weight >= 0 && REFUSED.matcher(part.substring(weight)).matches()) {
                continue;
            }
            if (coding.equals("gzip")) {
                return GZIP;
            }
            if (coding.equals("deflate")) {
                return DEFLATE;
            }
        }
        return IDENTITY;
    }

    /** The body as it was before it was compressed. Takes the given buffer over and returns one the caller owns, perhaps the same. */
    ByteBuf decode(ByteBuf body, HttpHeaders headers, int maxBytes) {
        if (this == IDENTITY || !body.isReadable()) {
            return body;
        }
        var plain = RequestBody.allocate(
                ByteBufAllocator.DEFAULT, headers, Math.min(maxBytes, body.readableBytes() * 2L), maxBytes);
        boolean done = false;
        try (var in = inflater(new ByteBufInputStream(body))) {
            byte[] chunk = new byte[16 << 10];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                if (plain.readableBytes() + read > maxBytes) {
                    throw new ServingException(
                            Reason.TOO_LARGE,
                            "the request's body exceeds " + maxBytes
                                    + " bytes when it is decompressed; --http-max-input-size raises the limit");
                }
                plain.writeBytes(chunk, 0, read);
            }
            done = true;
            return plain;
        } catch (IOException broken) {
            throw ServingException.invalid("the body is not valid " + name().toLowerCase(Locale.ROOT) + " data");
        } finally {
            body.release();
            if (!done) {
                plain.release();
            }
        }
    }

    private InputStream inflater(InputStream in) throws IOException {
        return this == GZIP ? new GZIPInputStream(in) : new InflaterInputStream(in);
    }

    /** The answer compressed; takes it over. */
    HttpAnswer encode(HttpAnswer answer) {
        if (this == IDENTITY) {
            return answer;
        }
        var packed = ByteBufAllocator.DEFAULT.buffer();
        boolean done = false;
        try {
            try (var out = deflater(new ByteBufOutputStream(packed))) {
                answer.body().readBytes(out, answer.body().readableBytes());
            }
            done = true;
        } catch (IOException impossible) {
            throw new IllegalStateException("compressing in memory failed", impossible);
        } finally {
            answer.release();
            if (!done) {
                packed.release();
            }
        }
        var headers = new HashMap<>(answer.headers());
        headers.put("Content-Encoding", name().toLowerCase(Locale.ROOT));
        return new HttpAnswer(answer.status(), answer.contentType(), headers, packed);
    }

    private OutputStream deflater(OutputStream out) throws IOException {
        return this == GZIP ? new GZIPOutputStream(out) : new DeflaterOutputStream(out);
    }
}
