package io.shusuan.agent.engine.bucket;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Bytes on their way into an object, of which one part is in memory at a time: a part that fails is sent again from there. Nobody sees the
 * object before {@link #complete}; without it closing takes away what was sent.
 */
final class Upload extends OutputStream {
    private static final System.Logger log = System.getLogger(Upload.class.getName());
    private static final int LEAST_PART = 16 << 20;
    private static final int MOST_PARTS = 9_000;
    private static final String ZIP = "application/zip";

    private final S3Client client;
    private final BucketPlace place;
    private final String key;
    private final Duration most;
    private final long end;
    private final byte[] part;
    private int filled;
    private final List<CompletedPart> sent = new ArrayList<>();
    private @Nullable String id;

    /** @param bytes about how many will come, so that they fit in the parts an object may have */
    Upload(S3Client client, BucketPlace place, String name, long bytes, Duration most) {
        this.client = client;
        this.place = place;
        this.key = place.prefix() + name;
        this.most = most;
        this.end = System.nanoTime() + most.toNanos();
        this.part = new byte[Math.toIntExact(Math.max(LEAST_PART, bytes / MOST_PARTS + 1))];
    }

    @Override
    public void write(int one) throws CutOffException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws CutOffException {
        int at = from;
        while (at < from + length) {
            if (filled == part.length) {
                send();
            }
            int count = Math.min(from + length - at, part.length - filled);
            System.arraycopy(bytes, at, part, filled, count);
            filled += count;
            at += count;
        }
    }

    private void send() throws CutOffException {
        if (System.nanoTime() > end) {
            throw new CutOffException("after " + most.toSeconds() + " s only " + (long) sent.size() * part.length
                    + " bytes had gone there, which is too slow");
        }
        var upload = id();
        int number = sent.size() + 1;
        var etag = client.uploadPart(
                        request -> request.bucket(place.bucket())
                                .key(key)
                                .uploadId(upload)
                                .partNumber(number),
                        body())
                .eTag();
        sent.add(CompletedPart.builder().partNumber(number).eTag(etag).build());
        filled = 0;
    }

    private String id() {
        var begun = id;
        if (begun == null) {
            begun = client.createMultipartUpload(
                            request -> request.bucket(place.bucket()).key(key).contentType(ZIP))
                    .uploadId();
            id = begun;
        }
        return begun;
    }

    private RequestBody body() {
        return RequestBody.fromContentProvider(() -> new ByteArrayInputStream(part, 0, filled), filled, ZIP);
    }

    /** Makes it an object that everybody sees. */
    void complete() throws CutOffException {
        if (id == null) {
            client.putObject(request -> request.bucket(place.bucket()).key(key).contentType(ZIP), body());
            return;
        }
        send();
        client.completeMultipartUpload(request ->
                request.bucket(place.bucket()).key(key).uploadId(id).multipartUpload(all -> all.parts(sent)));
        id = null;
    }

    @Override
    public void close() {
        if (id == null) {
            return;
        }
        // the store keeps what was sent until it is told, and an interrupted thread could not tell it
        boolean interrupted = Thread.interrupted();
        try {
            client.abortMultipartUpload(
                    request -> request.bucket(place.bucket()).key(key).uploadId(id));
        } catch (SdkException failed) {
            log.log(
                    System.Logger.Level.DEBUG,
                    "the parts of {0} stay in the bucket until it clears them away: {1}",
                    key,
                    failed.toString());
        } finally {
            id = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
