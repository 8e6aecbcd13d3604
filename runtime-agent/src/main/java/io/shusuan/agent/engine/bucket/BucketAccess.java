package io.shusuan.agent.engine.bucket;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * How a store is reached, by the environment's variables that all of AWS' own programs read.
 *
 * @param keys those that the variables name; without them the SDK's usual places are asked (a profile, the container's, the machine's)
 * @param authorities who may vouch for the store's certificate; Java's own list where none is named
 */
public record BucketAccess(
        Optional<URI> endpoint, Optional<String> region, Optional<Keys> keys, Optional<TrustManager[]> authorities) {
    /** An access key. */
    record Keys(String id, String secret, Optional<String> token) {
        @Override
        public String toString() {
            return id;
        }
    }

    /** @throws IllegalArgumentException with a sentence that names the variable */
    public static BucketAccess of(Map<String, String> environment) {
        var said = new Said(environment);
        return new BucketAccess(
                said.first("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL").map(BucketAccess::endpoint),
                said.first("AWS_REGION", "AWS_DEFAULT_REGION"),
                keys(said),
                said.first("AWS_CA_BUNDLE").map(BucketAccess::authorities));
    }

    private record Said(Map<String, String> environment) {
        Optional<String> first(String... names) {
            return Stream.of(names)
                    .map(name -> environment.getOrDefault(name, "").strip())
                    .filter(value -> !value.isEmpty())
                    .findFirst();
        }
    }

    private static URI endpoint(String text) {
        try {
            var url = URI.create(text);
            if (url.getHost() != null && ("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
                return url;
            }
        } catch (IllegalArgumentException notOne) {
            // answered below
        }
        throw new IllegalArgumentException(
                "AWS_ENDPOINT_URL is http://HOST:PORT or https://HOST:PORT, not '" + text + "'");
    }

    private static Optional<Keys> keys(Said said) {
        var id = said.first("AWS_ACCESS_KEY_ID");
        var secret = said.first("AWS_SECRET_ACCESS_KEY");
        if (id.isPresent() != secret.isPresent()) {
            throw new IllegalArgumentException(
                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are given together or not at all; one is missing");
        }
        return id.map(name -> new Keys(name, secret.orElseThrow(), said.first("AWS_SESSION_TOKEN")));
    }

    private static TrustManager[] authorities(String file) {
        try (InputStream pem = Files.newInputStream(Path.of(file))) {
            var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                trusted.setCertificateEntry("authority-" + trusted.size(), each);
            }
            if (trusted.size() == 0) {
                throw new IllegalArgumentException("AWS_CA_BUNDLE " + file + " holds no certificate");
            }
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            return managers.getTrustManagers();
        } catch (IOException | GeneralSecurityException unreadable) {
            throw new IllegalArgumentException("AWS_CA_BUNDLE " + file + " cannot be read: " + unreadable, unreadable);
        }
    }
}
