package io.shusuan.api.problem;

import java.net.URI;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;

/** Every way the API refuses a request. */
public enum ProblemKind {
    MALFORMED_SPEC(HttpStatus.BAD_REQUEST, "The text could not be read"),
    INVALID_SPEC(HttpStatus.UNPROCESSABLE_CONTENT, "The text was read, and something in it is wrong"),
    BAD_REQUEST(HttpStatus.BAD_REQUEST, "The request is wrong"),
    UNAUTHENTICATED(HttpStatus.UNAUTHORIZED, "Nobody is logged in"),
    FORBIDDEN(HttpStatus.FORBIDDEN, "This is not allowed to you"),
    NOT_FOUND(HttpStatus.NOT_FOUND, "There is no such thing"),
    METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED, "This cannot be done here"),
    NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE, "No answer in that form"),
    NAME_TAKEN(HttpStatus.CONFLICT, "The name is taken"),
    KEY_REUSED(HttpStatus.UNPROCESSABLE_CONTENT, "The Idempotency-Key was used for another request"),
    STILL_ACTIVE(HttpStatus.CONFLICT, "The job has not ended"),
    INVALID_SETTINGS(HttpStatus.UNPROCESSABLE_CONTENT, "The settings were read, and something in them is wrong"),
    UNKNOWN_COHORT(HttpStatus.UNPROCESSABLE_CONTENT, "There is no such cohort"),
    UNKNOWN_FLAVOUR(HttpStatus.UNPROCESSABLE_CONTENT, "There is no such flavour"),
    UNKNOWN_PRIORITY_CLASS(HttpStatus.UNPROCESSABLE_CONTENT, "There is no such priority class"),
    PRIORITY_NOT_TAKEN(HttpStatus.CONFLICT, "The job's queue does not take that priority"),
    COHORT_CYCLE(HttpStatus.UNPROCESSABLE_CONTENT, "A cohort cannot be in itself"),
    STILL_USED(HttpStatus.CONFLICT, "Something else refers to it"),
    QUOTA_BELOW_USE(HttpStatus.CONFLICT, "Jobs that run use more than that"),
    WOULD_STRAND(HttpStatus.CONFLICT, "Jobs that wait would wait for ever"),
    WOULD_EVICT(HttpStatus.CONFLICT, "Jobs that run would be evicted"),
    NOT_INSTALLED(HttpStatus.CONFLICT, "The cluster has no such scheduler"),
    CLUSTER_REFUSES(HttpStatus.CONFLICT, "The cluster does not allow this"),
    STILL_MOUNTED(HttpStatus.CONFLICT, "An active job uses what this one has written"),
    WRONG_STATE(HttpStatus.CONFLICT, "The job's state does not allow this"),
    TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "The body is too large"),
    UNSUPPORTED_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "This kind of text is not understood"),
    TOO_MANY_TRIES(HttpStatus.TOO_MANY_REQUESTS, "Too many failed logins"),
    BUSY(HttpStatus.SERVICE_UNAVAILABLE, "Others are asking the same"),
    CLUSTER_UNREACHABLE(HttpStatus.SERVICE_UNAVAILABLE, "The cluster cannot be asked now"),
    DATABASE_UNREACHABLE(HttpStatus.SERVICE_UNAVAILABLE, "The database cannot be asked now"),
    NO_REPLICA_READY(HttpStatus.SERVICE_UNAVAILABLE, "No replica of the job is ready"),
    REPLICA_FAILED(HttpStatus.BAD_GATEWAY, "The replica did not answer"),
    INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR, "The platform made a mistake");

    /** What a status of the framework means here. */
    static ProblemKind of(HttpStatusCode status) {
        return switch (status.value()) {
            case 401 -> UNAUTHENTICATED;
            case 403 -> FORBIDDEN;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 413 -> TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            default -> status.is5xxServerError() ? INTERNAL : BAD_REQUEST;
        };
    }

    private final HttpStatus status;
    private final String title;

    ProblemKind(HttpStatus status, String title) {
        this.status = status;
        this.title = title;
    }

    public HttpStatus status() {
        return status;
    }

    String title() {
        return title;
    }

    /** The code as clients and metrics see it: {@code name-taken}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public ProblemDetail detail(String sentence) {
        var detail = ProblemDetail.forStatusAndDetail(status, sentence);
        detail.setType(URI.create("/problems/" + code()));
        detail.setTitle(title);
        detail.setProperty("code", code());
        return detail;
    }

    /** A copy that one answer may add to. */
    ProblemDetail detail(ProblemDetail other) {
        var copy = detail(String.valueOf(other.getDetail()));
        if (other.getProperties() != null) {
            other.getProperties().forEach(copy::setProperty);
        }
        return copy;
    }
}
