package io.shusuan.api.problem;

import io.shusuan.api.request.BodyTooLargeException;
import io.shusuan.db.job.WrongStateException;
import io.shusuan.scheduler.cluster.ClusterRefusedException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.JobControl.StillActiveException;
import io.shusuan.scheduler.job.JobControl.StillMountedException;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.scheduler.job.KeyReusedException;
import io.shusuan.scheduler.job.NameTakenException;
import io.shusuan.scheduler.replay.KeptCycles;
import io.shusuan.scheduler.sharing.SharingRefusedException;
import io.shusuan.scheduler.spec.SpecException;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import org.springframework.web.socket.server.HandshakeFailureException;
import tools.jackson.core.JacksonException;

/** The one place that says which exception is which problem. Pure: the same exception is always the same refusal. */
final class Refusals {

    static final Refusal MISTAKE = Refusal.of(
            ProblemKind.INTERNAL, "an unexpected error; the platform's log has it under this answer's requestId");

    private Refusals() {}

    /** Empty for what nobody foresaw. */
    static Optional<Refusal> of(Throwable thrown) {
        return Optional.ofNullable(
                switch (thrown) {
                    case SpecException wrong -> spec(wrong);
                    case ProblemException problem -> problem(problem);
                    case SharingRefusedException refused -> sharing(refused);
                    case KeptCycles.BusyException busy -> Refusal.of(ProblemKind.BUSY, sentence(busy));
                    case NameTakenException taken ->
                        Refusal.of(ProblemKind.NAME_TAKEN, sentence(taken))
                                .with("job", taken.holder().toString());
                    case KeyReusedException reused -> Refusal.of(ProblemKind.KEY_REUSED, sentence(reused));
                    case JobNotFoundException missing -> Refusal.of(ProblemKind.NOT_FOUND, sentence(missing));
                    case StillActiveException active -> Refusal.of(ProblemKind.STILL_ACTIVE, sentence(active));
                    case StillMountedException mounted -> Refusal.of(ProblemKind.STILL_MOUNTED, sentence(mounted));
                    case WrongStateException wrong -> Refusal.of(ProblemKind.WRONG_STATE, sentence(wrong));
                    case ClusterRefusedException refused -> Refusal.of(ProblemKind.CLUSTER_REFUSES, sentence(refused));
                    case ClusterUnavailableException away ->
                        Refusal.of(ProblemKind.CLUSTER_UNREACHABLE, sentence(away));
                    case IOException body when body.getCause() instanceof Exception told -> of(told).orElse(null);
                    case AccessDeniedException denied -> Refusal.of(ProblemKind.FORBIDDEN, sentence(denied));
                    case BodyTooLargeException large -> Refusal.of(ProblemKind.TOO_LARGE, sentence(large));
                    case RequestRejectedException refused ->
                        Refusal.of(
                                ProblemKind.BAD_REQUEST,
                                "the address or a header has characters that are not taken here");
                    case HttpMessageNotReadableException unreadable -> body(unreadable);
                    case MethodArgumentTypeMismatchException mismatch ->
                        Refusal.of(ProblemKind.BAD_REQUEST, value(mismatch));
                    case NoResourceFoundException nowhere ->
                        Refusal.of(
                                ProblemKind.NOT_FOUND, "there is nothing at this path; /api-docs lists what there is");
                    case HandshakeFailureException failed
                    when failed.getCause() != null -> of(failed.getCause()).orElse(null);
                    case ErrorResponse answer -> framework(answer);
                    default ->
                        databaseIsAway(thrown)
                                ? Refusal.of(
                                        ProblemKind.DATABASE_UNREACHABLE,
                                        "the database does not answer; send the same request again, a submission with an Idempotency-Key")
                                : null;
                });
    }

    private static Refusal spec(SpecException wrong) {
        var kind = wrong.malformed() ? ProblemKind.MALFORMED_SPEC : ProblemKind.INVALID_SPEC;
        var first = wrong.faults().getFirst();
        return Refusal.of(
                        kind,
                        "%d fault(s); the first, in line %d, column %d: %s"
                                .formatted(wrong.faults().size(), first.line(), first.column(), first.message()))
                .with("errors", wrong.faults());
    }

    private static Refusal problem(ProblemException problem) {
        var refusal = Refusal.of(problem.kind(), sentence(problem));
        return problem.errors().isEmpty() ? refusal : refusal.with("errors", problem.errors());
    }

    private static Refusal sharing(SharingRefusedException refused) {
        var refusal = Refusal.of(kind(refused.reason()), sentence(refused));
        return refused.setting().isEmpty()
                ? refusal
                : refusal.with("errors", List.of(new SettingFault(refused.setting(), sentence(refused))));
    }

    private static ProblemKind kind(SharingRefusedException.Cause cause) {
        return switch (cause) {
            case NOT_FOUND -> ProblemKind.NOT_FOUND;
            case UNKNOWN_COHORT -> ProblemKind.UNKNOWN_COHORT;
            case UNKNOWN_FLAVOUR -> ProblemKind.UNKNOWN_FLAVOUR;
            case UNKNOWN_PRIORITY_CLASS -> ProblemKind.UNKNOWN_PRIORITY_CLASS;
            case PRIORITY_NOT_TAKEN -> ProblemKind.PRIORITY_NOT_TAKEN;
            case COHORT_CYCLE -> ProblemKind.COHORT_CYCLE;
            case STILL_USED -> ProblemKind.STILL_USED;
            case QUOTA_BELOW_USE -> ProblemKind.QUOTA_BELOW_USE;
            case WOULD_STRAND -> ProblemKind.WOULD_STRAND;
            case WOULD_EVICT -> ProblemKind.WOULD_EVICT;
            case NOT_INSTALLED -> ProblemKind.NOT_INSTALLED;
        };
    }

    /** Says where the body is wrong and not which of our types it does not fit. */
    private static Refusal body(HttpMessageNotReadableException unreadable) {
        var large = find(BodyTooLargeException.class, unreadable);
        if (large != null) {
            return Refusal.of(ProblemKind.TOO_LARGE, sentence(large));
        }
        var json = find(JacksonException.class, unreadable);
        if (json != null) {
            return Refusal.of(ProblemKind.BAD_REQUEST, "the JSON body cannot be read" + place(json));
        }
        return Refusal.of(ProblemKind.BAD_REQUEST, "the request needs a body in JSON");
    }

    private static String place(JacksonException json) {
        var path = json.getPath().stream()
                .map(step -> step.getPropertyName() == null ? "[" + step.getIndex() + "]" : step.getPropertyName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        var at = json.getLocation();
        return (path.isEmpty() ? "" : ": look at " + path)
                + (at == null || at.getLineNr() < 1
                        ? ""
                        : " (line %d, column %d)".formatted(at.getLineNr(), at.getColumnNr()));
    }

    private static <T extends Throwable> @Nullable T find(Class<T> type, Throwable thrown) {
        return causes(thrown)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElse(null);
    }

    private static Stream<Throwable> causes(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause).limit(20);
    }

    private static String value(MethodArgumentTypeMismatchException mismatch) {
        var found = String.valueOf(mismatch.getValue());
        return "%s is '%s'; give %s"
                .formatted(mismatch.getName(), Excerpt.of(found), allowed(mismatch.getRequiredType()));
    }

    private static String allowed(@Nullable Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == UUID.class) {
            return "a UUID";
        }
        return type != null && type.isEnum()
                ? "one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(each -> each.toString().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))
                : "a whole number";
    }

    private static Refusal framework(ErrorResponse answer) {
        var kind = ProblemKind.of(answer.getStatusCode());
        var said = answer.getBody().getDetail();
        var headers = new HttpHeaders();
        headers.putAll(answer.getHeaders());
        return new Refusal(kind, kind.detail(said == null ? kind.title() : said), headers);
    }

    private static boolean databaseIsAway(Throwable thrown) {
        return causes(thrown)
                .anyMatch(cause -> cause instanceof DataAccessResourceFailureException
                        || cause instanceof CannotCreateTransactionException
                        || cause instanceof SQLTransientConnectionException
                        || (cause instanceof SQLException sql && isBroken(sql)));
    }

    /**
     * A connection that broke (class 08), or a server on its way down (57P). Without a state it is the pool that speaks: it has
     * thrown the broken connection away, and all that is seen of the cause is that it cannot be rolled back.
     */
    private static boolean isBroken(SQLException sql) {
        var state = sql.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("57P");
    }

    private static String sentence(Throwable thrown) {
        return Objects.requireNonNullElse(thrown.getMessage(), "this cannot be done");
    }
}
