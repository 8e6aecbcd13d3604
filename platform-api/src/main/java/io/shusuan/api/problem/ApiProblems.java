package io.shusuan.api.problem;

import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.db.job.WrongStateException;
import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.JobControl.StillActiveException;
import io.shusuan.scheduler.job.JobNotFoundException;
import io.shusuan.scheduler.job.KeyReusedException;
import io.shusuan.scheduler.job.NameTakenException;
import io.shusuan.scheduler.spec.SpecException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** The one place where exceptions become problems. What is not expected is logged here and told without internals. */
@RestControllerAdvice(annotations = RestController.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class ApiProblems extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(ApiProblems.class);

    private final MeterRegistry meters;

    ApiProblems(MeterRegistry meters) {
        this.meters = meters;
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> spec(SpecException wrong) {
        var kind = wrong.malformed() ? ProblemKind.MALFORMED_SPEC : ProblemKind.INVALID_SPEC;
        var first = wrong.faults().getFirst();
        var detail = kind.detail("%d fault(s); the first, in line %d, column %d: %s"
                .formatted(wrong.faults().size(), first.line(), first.column(), first.message()));
        detail.setProperty("errors", wrong.faults());
        return answer(kind, detail);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> problem(ProblemException problem) {
        return answer(problem.kind(), sentence(problem));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> nameTaken(NameTakenException taken) {
        var detail = ProblemKind.NAME_TAKEN.detail(sentence(taken));
        detail.setProperty("job", taken.holder().toString());
        return answer(ProblemKind.NAME_TAKEN, detail);
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> keyReused(KeyReusedException reused) {
        return answer(ProblemKind.KEY_REUSED, sentence(reused));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> notFound(JobNotFoundException missing) {
        return answer(ProblemKind.NOT_FOUND, sentence(missing));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> active(StillActiveException active) {
        return answer(ProblemKind.STILL_ACTIVE, sentence(active));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> wrongState(WrongStateException wrong) {
        return answer(ProblemKind.WRONG_STATE, sentence(wrong));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> clusterAway(ClusterUnavailableException away) {
        return answer(ProblemKind.CLUSTER_UNREACHABLE, sentence(away));
    }

    @ExceptionHandler({DataAccessResourceFailureException.class, CannotCreateTransactionException.class})
    ResponseEntity<ProblemDetail> databaseAway(Exception away) {
        log.warn("the database cannot be asked: {}", away.toString());
        return answer(
                ProblemKind.DATABASE_UNREACHABLE,
                "the database does not answer; nothing was stored, so the same request may be sent again");
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> forbidden(AccessDeniedException denied) {
        return answer(ProblemKind.FORBIDDEN, sentence(denied));
    }

    @ExceptionHandler
    ResponseEntity<ProblemDetail> unexpected(Exception mistake) {
        log.error("unexpected", mistake);
        return answer(ProblemKind.INTERNAL, "an unexpected error; the platform's log has it with this request's id");
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        var kind = switch (status.value()) {
            case 404 -> ProblemKind.NOT_FOUND;
            case 405 -> ProblemKind.METHOD_NOT_ALLOWED;
            case 406 -> ProblemKind.NOT_ACCEPTABLE;
            case 413 -> ProblemKind.TOO_LARGE;
            case 415 -> ProblemKind.UNSUPPORTED_MEDIA_TYPE;
            default -> status.is5xxServerError() ? ProblemKind.INTERNAL : ProblemKind.BAD_REQUEST;
        };
        var said = body instanceof ProblemDetail detail && detail.getDetail() != null
                ? detail.getDetail()
                : kind.status().getReasonPhrase();
        count(kind);
        return ResponseEntity.status(kind.status())
                .headers(headers)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(kind.detail(said));
    }

    private ResponseEntity<ProblemDetail> answer(ProblemKind kind, String sentence) {
        return answer(kind, kind.detail(sentence));
    }

    private ResponseEntity<ProblemDetail> answer(ProblemKind kind, ProblemDetail detail) {
        count(kind);
        return ResponseEntity.status(kind.status())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(detail);
    }

    private void count(ProblemKind kind) {
        meters.counter("shusuan.refusals", "reason", kind.code()).increment();
    }

    private static String sentence(Exception e) {
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    }
}
