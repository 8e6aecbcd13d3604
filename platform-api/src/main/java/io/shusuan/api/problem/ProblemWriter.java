package io.shusuan.api.problem;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.shusuan.api.request.RequestId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes refusals as RFC 9457 has them, and counts them. What is not expected is logged here and told without internals. */
@Component
public class ProblemWriter {

    private static final Logger log = LoggerFactory.getLogger(ProblemWriter.class);

    private final JsonMapper json;
    private final MeterRegistry meters;

    ProblemWriter(JsonMapper json, MeterRegistry meters) {
        this.json = json;
        this.meters = meters;
    }

    /** Refuses for a reason that somebody decided. */
    public void write(HttpServletRequest request, HttpServletResponse response, ProblemKind kind, String sentence)
            throws IOException {
        write(request, response, Refusal.of(kind, sentence));
    }

    /** Answers for whatever was thrown. */
    void write(HttpServletRequest request, HttpServletResponse response, Throwable thrown) throws IOException {
        var refusal = Refusals.of(thrown).orElse(Refusals.MISTAKE);
        switch (refusal.kind()) {
            case INTERNAL -> log.error("{} {}", request.getMethod(), request.getRequestURI(), thrown);
            case DATABASE_UNREACHABLE -> log.warn("the database cannot be asked: {}", thrown.toString());
            default -> log.debug("{} {}: {}", request.getMethod(), request.getRequestURI(), thrown.toString());
        }
        write(request, response, refusal);
    }

    void write(HttpServletRequest request, HttpServletResponse response, Refusal refusal) throws IOException {
        var kind = refusal.kind();
        Counter.builder("shusuan.refusals")
                .description("requests refused, by the code of the problem")
                .tag("reason", kind.code())
                .register(meters)
                .increment();
        response.resetBuffer();
        refusal.headers().forEach((name, values) -> values.forEach(value -> response.addHeader(name, value)));
        response.setStatus(kind.status().value());
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        var id = RequestId.of(request);
        var detail = kind.detail(refusal.detail());
        if (id != null) {
            detail.setProperty("requestId", id);
        }
        var body = json.writeValueAsBytes(detail);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
