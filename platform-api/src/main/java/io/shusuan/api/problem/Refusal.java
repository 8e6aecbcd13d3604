package io.shusuan.api.problem;

import org.springframework.http.HttpHeaders;
import org.springframework.http.ProblemDetail;

/**
 * An answer that refuses.
 *
 * @param headers what belongs to it beside the body, e.g. Allow
 */
record Refusal(ProblemKind kind, ProblemDetail detail, HttpHeaders headers) {

    static Refusal of(ProblemKind kind, String sentence) {
        return new Refusal(kind, kind.detail(sentence), HttpHeaders.EMPTY);
    }

    Refusal with(String property, Object value) {
        detail.setProperty(property, value);
        return this;
    }
}
