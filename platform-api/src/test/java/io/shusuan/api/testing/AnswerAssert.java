package io.shusuan.api.testing;

import java.util.regex.Pattern;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;

/** What tests say about answers. */
public final class AnswerAssert extends AbstractAssert<AnswerAssert, Answer> {

    private static final Pattern INTERNALS = Pattern.compile(
            "Exception|\\b(java|org|io\\.shusuan|com|tools)\\.[a-z]+\\.|\\bat [a-z]+\\.|(?i)\\bselect\\b|hibernate|tomcat|postgres");

    private AnswerAssert(Answer answer) {
        super(answer, AnswerAssert.class);
    }

    public static AnswerAssert assertThat(Answer answer) {
        return new AnswerAssert(answer);
    }

    public AnswerAssert hasStatus(int status) {
        Assertions.assertThat(actual.status()).as("status of %s", actual.text()).isEqualTo(status);
        return this;
    }

    public AnswerAssert hasHeader(String name, String value) {
        Assertions.assertThat(actual.headers().allValues(name)).as(name).containsExactly(value);
        return this;
    }

    public AnswerAssert hasNoHeader(String name) {
        Assertions.assertThat(actual.headers().allValues(name)).as(name).isEmpty();
        return this;
    }

    /** A whole problem of RFC 9457, with nothing of our insides in it. */
    public AnswerAssert isProblem(int status, String code) {
        hasStatus(status);
        Assertions.assertThat(actual.header("Content-Type")).contains("application/problem+json");
        var problem = actual.json();
        Assertions.assertThat(problem.path("status").asInt()).as(actual.text()).isEqualTo(status);
        Assertions.assertThat(problem.path("code").asString(""))
                .as(actual.text())
                .isEqualTo(code);
        Assertions.assertThat(problem.path("type").asString("")).isEqualTo("/problems/" + code);
        Assertions.assertThat(problem.path("title").asString("")).isNotBlank();
        Assertions.assertThat(problem.path("detail").asString("")).isNotBlank();
        Assertions.assertThat(actual.text()).doesNotContainPattern(INTERNALS);
        return this;
    }

    /** The problem of a request that was read, so that its log lines can be found. */
    public AnswerAssert isTraceable() {
        Assertions.assertThat(actual.json().path("requestId").asString(""))
                .isNotBlank()
                .isEqualTo(actual.header("X-Request-Id").orElseThrow());
        return this;
    }

    public AnswerAssert says(String... parts) {
        Assertions.assertThat(actual.json().path("detail").asString("")).contains(parts);
        return this;
    }
}
