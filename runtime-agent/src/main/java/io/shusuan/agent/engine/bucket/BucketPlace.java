package io.shusuan.agent.engine.bucket;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a bucket is.
 *
 * @param endpoint the store's address where the URL itself says it, as Triton's do
 * @param prefix what the names of all objects begin with; empty, or ending with a slash
 * @param pathStyle whether the bucket's name stands in the path of addresses, where the URL says so, instead of in the host's name
 */
public record BucketPlace(Optional<URI> endpoint, String bucket, String prefix, Optional<Boolean> pathStyle) {
    private static final String PATH_STYLE = "use_path_style=";
    private static final Pattern FORM = Pattern.compile(
            "s3://(?:(?<scheme>https?)://)?(?:(?<host>[A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+])(?<port>:[0-9]{1,5})/)?"
                    + "(?<bucket>[A-Za-z0-9][A-Za-z0-9._-]{1,254})(?<prefix>/[^?#]*)?(?:\\?(?<query>.*))?");

    /** @throws IllegalArgumentException with a sentence that says what a URL of a bucket is */
    public static BucketPlace parse(String text) {
        var form = FORM.matcher(text);
        if (!form.matches() || (form.group("scheme") != null && form.group("host") == null)) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no bucket: write s3://BUCKET/PREFIX, or s3://https://HOST:PORT/BUCKET/PREFIX");
        }
        var prefix = form.group("prefix") == null ? "" : form.group("prefix").replaceAll("^/+|/+$", "");
        return new BucketPlace(
                Optional.ofNullable(form.group("host"))
                        .map(host -> URI.create((form.group("scheme") == null ? "http" : form.group("scheme")) + "://"
                                + host + form.group("port"))),
                form.group("bucket"),
                prefix.isEmpty() ? "" : prefix + "/",
                Optional.ofNullable(form.group("query")).map(BucketPlace::pathStyle));
    }

    private static boolean pathStyle(String query) {
        return switch (query) {
            case PATH_STYLE + "true" -> true;
            case PATH_STYLE + "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "a bucket's URL may say " + PATH_STYLE + "true or false behind its '?', not '" + query + "'");
        };
    }

    /** The URL of an object. */
    String object(String name) {
        return "s3://" + bucket + "/" + prefix + name;
    }

    @Override
    public String toString() {
        return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix.substring(0, prefix.length() - 1));
    }
}
