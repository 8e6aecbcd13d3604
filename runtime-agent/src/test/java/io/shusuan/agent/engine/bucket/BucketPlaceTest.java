package io.shusuan.agent.engine.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BucketPlaceTest {

    @ParameterizedTest
    @CsvSource({
        "s3://engines, , engines, '', ",
        "s3://engines/, , engines, '', ",
        "s3://engines/team/prod/, , engines, team/prod/, ",
        "s3://engines/a?use_path_style=false, , engines, a/, false",
        "s3://127.0.0.1:9000/engines/a, http://127.0.0.1:9000, engines, a/, ",
        "s3://https://s3.example.com:443/engines, https://s3.example.com:443, engines, '', ",
        "s3://http://[::1]:9000/engines, http://[::1]:9000, engines, '', ",
    })
    void isWhatItsUrlSays(String url, URI endpoint, String bucket, String prefix, Boolean pathStyle) {
        assertThat(BucketPlace.parse(url))
                .isEqualTo(
                        new BucketPlace(Optional.ofNullable(endpoint), bucket, prefix, Optional.ofNullable(pathStyle)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/engines",
                "s3:/engines",
                "s3://",
                "s3://https://engines",
                "s3://engines#a",
                "gs://engines",
                "s3://en gines",
                "s3://engines?style=path"
            })
    void isRefusedWhenItIsNone(String url) {
        assertThatThrownBy(() -> BucketPlace.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(".*(write s3://BUCKET/PREFIX|use_path_style=true or false).*");
    }

    @Test
    void isReachedAsTheEnvironmentSays() {
        var access = BucketAccess.of(Map.of(
                "AWS_ENDPOINT_URL", "http://general:1",
                "AWS_ENDPOINT_URL_S3", "https://store:2",
                "AWS_DEFAULT_REGION", "cn-north-1",
                "AWS_ACCESS_KEY_ID", "id",
                "AWS_SECRET_ACCESS_KEY", "secret",
                "AWS_SESSION_TOKEN", "token"));

        assertThat(access.endpoint()).contains(URI.create("https://store:2"));
        assertThat(access.region()).contains("cn-north-1");
        assertThat(access.keys()).contains(new BucketAccess.Keys("id", "secret", Optional.of("token")));
        assertThat(access.toString()).contains("id").doesNotContain("secret").doesNotContain("token");
    }

    @ParameterizedTest
    @CsvSource({
        "AWS_ENDPOINT_URL, store:9000, 'AWS_ENDPOINT_URL is http://HOST:PORT or https://HOST:PORT, not ''store:9000'''",
        "AWS_ACCESS_KEY_ID, id, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are given together",
        "AWS_CA_BUNDLE, /nowhere.pem, AWS_CA_BUNDLE /nowhere.pem cannot be read",
        "AWS_CA_BUNDLE, /dev/null, AWS_CA_BUNDLE /dev/null holds no certificate",
    })
    void aWrongVariableIsNamed(String name, String value, String says) {
        assertThatThrownBy(() -> BucketAccess.of(Map.of(name, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(says);
    }
}
