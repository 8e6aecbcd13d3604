package io.shusuan.agent.engine.bucket;

import io.shusuan.agent.engine.build.EngineBucket;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** A store that speaks S3 and checks signatures, over a folder; in it a bucket {@code engines}. */
public final class S3Store implements AutoCloseable {
    public static final String KEY = "an-access-key";
    public static final String SECRET = "a-secret-that-is-told-to-nobody";
    public static final String BUCKET = "engines";

    /** So that what hangs is given up within a test. */
    private static final Patience SHORT =
            new Patience(Duration.ofSeconds(1), Duration.ofMillis(700), Duration.ofSeconds(5), Duration.ofSeconds(3));

    private final S3Proxy server;
    private final FaultyWire wire;
    private final S3Client client;

    public S3Store(Path folder) throws Exception {
        Files.createDirectories(folder);
        server = start(S3Proxy.builder().endpoint(URI.create("http://127.0.0.1:0")), folder);
        wire = new FaultyWire(server.getPort());
        client = Clients.make(
                BucketPlace.parse("s3://" + BUCKET),
                BucketAccess.of(environment("http://127.0.0.1:" + server.getPort(), SECRET)),
                Patience.USUAL);
        client.createBucket(bucket -> bucket.bucket(BUCKET));
    }

    public static S3Proxy start(S3Proxy.Builder how, Path folder) throws Exception {
        var server = how.blobStore(new FilesystemNio2BlobStore(folder.toString()))
                .awsAuthentication(AuthenticationType.AWS_V4, KEY, SECRET)
                .v4MaxNonChunkedRequestSize(64 << 20)
                .stopTimeout(0)
                .build();
        server.start();
        return server;
    }

    /** What lies between the agents and the store. */
    public FaultyWire wire() {
        return wire;
    }

    private static Map<String, String> environment(String url, String secret) {
        return Map.of("AWS_ENDPOINT_URL", url, "AWS_ACCESS_KEY_ID", KEY, "AWS_SECRET_ACCESS_KEY", secret);
    }

    public Map<String, String> environment() {
        return environment(wire.url(), SECRET);
    }

    /** The bucket as an agent has it. */
    public EngineBucket bucket(InstantSource clock) {
        return bucket("s3://" + BUCKET + "/a/b", SECRET, clock, Patience.USUAL);
    }

    /** The same for whoever does not wait long. */
    public EngineBucket impatientBucket(InstantSource clock) {
        return bucket("s3://" + BUCKET + "/a/b", SECRET, clock, SHORT);
    }

    public EngineBucket bucket(String url, String secret) {
        return bucket(url, secret, InstantSource.system(), Patience.USUAL);
    }

    private EngineBucket bucket(String url, String secret, InstantSource clock, Patience patience) {
        var access = BucketAccess.of(environment(wire.url(), secret));
        return new EngineBucket(new Bucket(BucketPlace.parse(url), access, patience), clock);
    }

    /** The names of all objects. */
    public List<String> objects() {
        var names = new ArrayList<String>();
        client.listObjectsV2(list -> list.bucket(BUCKET)).contents().forEach(object -> names.add(object.key()));
        return names;
    }

    /** Uploads that were begun and neither completed nor given up. */
    public int unfinishedUploads() {
        return client.listMultipartUploads(list -> list.bucket(BUCKET))
                .uploads()
                .size();
    }

    public byte[] get(String name) {
        return client.getObjectAsBytes(object -> object.bucket(BUCKET).key(name))
                .asByteArray();
    }

    public void put(String name, byte[] bytes) {
        client.putObject(object -> object.bucket(BUCKET).key(name), RequestBody.fromBytes(bytes));
    }

    @Override
    public void close() throws IOException {
        client.close();
        wire.close();
        stop(server);
    }

    public static void stop(S3Proxy server) throws IOException {
        try {
            server.stop();
        } catch (Exception failed) {
            throw new IOException(failed);
        }
    }
}
