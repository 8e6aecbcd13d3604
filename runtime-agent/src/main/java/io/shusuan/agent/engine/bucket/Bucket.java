package io.shusuan.agent.engine.bucket;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.engine.bucket.BucketException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/**
 * Folders in a bucket, each as one object, which is there whole or not at all: an upload becomes visible with its last call, and what comes
 * back is held against the digests within. Nothing is asked of the store before it is needed.
 */
public final class Bucket implements AutoCloseable {
    private final BucketPlace place;
    private final BucketAccess access;
    private final Patience patience;

    @GuardedBy("this")
    private @Nullable S3Client client;

    public Bucket(BucketPlace place, BucketAccess access, Patience patience) {
        this.place = place;
        this.access = access;
        this.patience = patience;
    }

    /** The SDK takes half a second to be there. */
    private synchronized S3Client client() {
        var ready = client;
        if (ready == null) {
            ready = Clients.make(place, access, patience);
            client = ready;
        }
        return ready;
    }

    /** Whether there is an object of that name. Where the bucket itself is missing there is none either. */
    public boolean has(String name) throws BucketException {
        try {
            client().headObject(request -> request.bucket(place.bucket()).key(place.prefix() + name));
            return true;
        } catch (NoSuchKeyException none) {
            return false;
        } catch (RuntimeException failed) {
            throw told(name, failed);
        }
    }

    /**
     * Brings a folder from the bucket, which leaves a part where it fails.
     *
     * @param most bytes that it may be
     * @return whether it was there
     * @throws IOException where it cannot be written here
     */
    public boolean fetch(String name, Path folder, long most) throws BucketException, IOException {
        try (var object =
                client().getObject(request -> request.bucket(place.bucket()).key(place.prefix() + name))) {
            var bytes = new Download(object, object.response().contentLength(), patience.transfer());
            try {
                PackedFolder.unpack(bytes, folder, most);
                return true;
            } finally {
                // without it all that is left would be read first
                object.abort();
            }
        } catch (NoSuchKeyException none) {
            return false;
        } catch (CutOffException cut) {
            throw new BucketException(Reason.AWAY, place.object(name) + " cannot be fetched: " + cut.getMessage(), cut);
        } catch (DamagedException damaged) {
            throw damaged(name, String.valueOf(damaged.getMessage()));
        } catch (RuntimeException failed) {
            throw told(name, failed);
        }
    }

    /**
     * Puts a folder there, in the place of what has that name.
     *
     * @param bytes about how many there are
     * @throws IOException where it cannot be read here
     */
    public void put(String name, Path folder, long bytes) throws BucketException, IOException {
        try (var upload = new Upload(client(), place, name, bytes, patience.transfer())) {
            PackedFolder.pack(folder, upload);
            upload.complete();
        } catch (CutOffException cut) {
            throw new BucketException(
                    Reason.AWAY, place.object(name) + " cannot be put there: " + cut.getMessage(), cut);
        } catch (RuntimeException failed) {
            throw told(name, failed);
        }
    }

    /** What is said of an object that is not what it should be. */
    public BucketException damaged(String name, String what) {
        return new BucketException(Reason.DAMAGED, place.object(name) + " is damaged and is not used: " + what, null);
    }

    private BucketException told(String name, RuntimeException failed) {
        return Refusal.of(failed).told(place.object(name), access);
    }

    /** The URL of an object. */
    public String object(String name) {
        return place.object(name);
    }

    @Override
    public String toString() {
        return place.toString();
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
