package io.shusuan.agent.engine.bucket;

import io.shusuan.agent.engine.bucket.BucketException.Reason;
import java.util.Set;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What a store's answer means, and what mends it. */
record Refusal(Reason reason, String said, RuntimeException cause) {
    private static final Set<String> CREDENTIALS = Set.of(
            "AccessDenied",
            "ExpiredToken",
            "InvalidAccessKeyId",
            "InvalidToken",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch");
    private static final Set<String> FULL = Set.of(
            "EntityTooLarge",
            "QuotaExceeded",
            "XMinioAdminBucketQuotaExceeded",
            "XMinioStorageFull",
            "InsufficientCapacity");

    static Refusal of(RuntimeException failed) {
        return switch (failed) {
            case AwsServiceException answer -> new Refusal(reason(answer), answered(answer), failed);
            case SdkException unasked ->
                new Refusal(
                        withoutCredentials(unasked) ? Reason.DENIED : Reason.AWAY,
                        root(unasked) + untrusted(unasked),
                        failed);
            default -> new Refusal(Reason.FAILED, failed.toString(), failed);
        };
    }

    private static String untrusted(SdkException failed) {
        return failed.getCause() instanceof SSLException ? "; AWS_CA_BUNDLE names who may vouch for the store" : "";
    }

    private static Reason reason(AwsServiceException answer) {
        var code = code(answer);
        if (code.equals("NoSuchBucket")) {
            return Reason.NO_BUCKET;
        }
        if (FULL.contains(code) || answer.statusCode() == 507) {
            return Reason.FULL;
        }
        return switch (answer.statusCode()) {
            case 401, 403 -> Reason.DENIED;
            case 408, 429, 500, 502, 503, 504 -> Reason.AWAY;
            default -> CREDENTIALS.contains(code) ? Reason.DENIED : Reason.FAILED;
        };
    }

    private static String code(AwsServiceException answer) {
        var details = answer.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    private static String answered(AwsServiceException answer) {
        var details = answer.awsErrorDetails();
        var message = details == null || details.errorMessage() == null ? "" : ": " + details.errorMessage();
        return ("it answered " + answer.statusCode() + " " + code(answer)).strip() + message;
    }

    private static boolean withoutCredentials(SdkException failed) {
        return String.valueOf(failed.getMessage()).contains("credentials");
    }

    private static String root(SdkException failed) {
        Throwable root = failed;
        for (var cause = failed.getCause(); cause != null; cause = cause.getCause()) {
            root = cause;
        }
        return failed.getCause() == null ? String.valueOf(failed.getMessage()) : root.toString();
    }

    BucketException told(String object, BucketAccess access) {
        return new BucketException(reason, object + ": " + said + mended(access), cause);
    }

    private String mended(BucketAccess access) {
        return switch (reason) {
            case AWAY ->
                "; it is asked again later"
                        + access.endpoint().map(url -> " at " + url).orElse("");
            case DENIED ->
                "; check AWS_ACCESS_KEY_ID"
                        + access.keys().map(keys -> " (" + keys + ")").orElse(" (not set)")
                        + ", AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, the clock, and that they allow s3:GetObject, s3:PutObject and s3:ListBucket";
            case NO_BUCKET -> "; make the bucket, or name another with --engine-cache-bucket";
            case FULL -> "; remove what is old there, or let the bucket's lifecycle do so";
            case DAMAGED -> "";
            case FAILED ->
                "; check AWS_REGION and AWS_ENDPOINT_URL, and whether its names stand in the path or the host (?use_path_style=)";
        };
    }
}
