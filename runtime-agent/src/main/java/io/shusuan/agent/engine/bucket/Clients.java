package io.shusuan.agent.engine.bucket;

import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** Makes the SDK's client. */
final class Clients {
    private Clients() {}

    static S3Client make(BucketPlace place, BucketAccess access, Patience patience) {
        var http = UrlConnectionHttpClient.builder()
                .connectionTimeout(patience.connecting())
                .socketTimeout(patience.silence());
        access.authorities().ifPresent(trusted -> http.tlsTrustManagersProvider(() -> trusted));
        var endpoint = place.endpoint().or(access::endpoint);
        var client = S3Client.builder()
                .httpClientBuilder(http)
                .credentialsProvider(credentials(access))
                .forcePathStyle(place.pathStyle().orElse(endpoint.isPresent()))
                // Trailing checksums, the SDK's default, are AWS' own: many other stores refuse them. What comes back
                // is checked by what is in it.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .overrideConfiguration(calls -> calls.apiCallAttemptTimeout(patience.call())
                        .apiCallTimeout(patience.call().multipliedBy(3)));
        region(access, endpoint.isPresent()).ifPresent(client::region);
        endpoint.ifPresent(client::endpointOverride);
        return client.build();
    }

    /** A store of one's own has no regions, but signatures have. */
    private static Optional<Region> region(BucketAccess access, boolean own) {
        return access.region().map(Region::of).or(() -> own ? Optional.of(Region.US_EAST_1) : Optional.empty());
    }

    private static AwsCredentialsProvider credentials(BucketAccess access) {
        return access.keys()
                .<AwsCredentialsProvider>map(keys -> StaticCredentialsProvider.create(credentials(keys)))
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }

    private static AwsCredentials credentials(BucketAccess.Keys keys) {
        return keys.token()
                .<AwsCredentials>map(token -> AwsSessionCredentials.create(keys.id(), keys.secret(), token))
                .orElseGet(() -> AwsBasicCredentials.create(keys.id(), keys.secret()));
    }
}
