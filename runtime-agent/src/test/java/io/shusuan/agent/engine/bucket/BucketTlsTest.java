package io.shusuan.agent.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shusuan.agent.Certificates;
import io.shusuan.agent.engine.bucket.BucketException.Reason;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.gaul.s3proxy.S3Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store whose certificate its own authority vouches for. */
class BucketTlsTest {

    @TempDir
    private Path folder;

    private static Bucket bucket(int port, Map<String, String> more) {
        var environment = new HashMap<>(Map.of(
                "AWS_ENDPOINT_URL", "https://127.0.0.1:" + port,
                "AWS_ACCESS_KEY_ID", S3Store.KEY,
                "AWS_SECRET_ACCESS_KEY", S3Store.SECRET));
        environment.putAll(more);
        return new Bucket(BucketPlace.parse("s3://engines"), BucketAccess.of(environment), Patience.USUAL);
    }

    @Test
    void isTrustedWhereTheBundleNamesIt() throws Exception {
        var certificates = Certificates.make(folder, "store");
        Files.createDirectories(folder.resolve("store/engines"));
        var server = S3Store.start(
                S3Proxy.builder()
                        .secureEndpoint(URI.create("https://127.0.0.1:0"))
                        .keyStore(folder.resolve("store.p12").toString(), "changeit"),
                folder.resolve("store"));
        var entry = Files.createDirectories(folder.resolve("entry"));
        Files.writeString(entry.resolve("model.plan"), "plan");
        var bundle = Map.of("AWS_CA_BUNDLE", certificates.certificate().toString());
        try (var trusting = bucket(server.getSecurePort(), bundle);
                var other = bucket(server.getSecurePort(), Map.of())) {
            trusting.put("e.zip", entry, 4);

            assertThat(trusting.has("e.zip")).isTrue();
            assertThatThrownBy(() -> other.has("e.zip"))
                    .isInstanceOfSatisfying(
                            BucketException.class,
                            failed -> assertThat(failed.reason()).isEqualTo(Reason.AWAY))
                    .hasMessageContainingAll("valid certification path", "AWS_CA_BUNDLE");
        } finally {
            S3Store.stop(server);
        }
    }
}
