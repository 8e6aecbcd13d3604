package io.shusuan.api.request;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives each request an id, or takes the one it brings: the answer carries it, and so does every line logged for it. It is
 * no secret and nobody is recognised by it.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public class RequestId extends OncePerRequestFilter {

    public static final String HEADER = "X-Request-Id";

    static final String LOG_KEY = "requestId";

    /** The job that a request is about, for whoever finds out; forgotten when the request has been answered. */
    public static final String JOB_LOG_KEY = "job";

    /** Short and without anything that could break a line of a log. */
    private static final Pattern TAKEN = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    private static final String ATTRIBUTE = RequestId.class.getName();

    /** The id of a request that has passed here; null for one that was refused before. */
    public static @Nullable String of(HttpServletRequest request) {
        return (String) request.getAttribute(ATTRIBUTE);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var known = of(request);
        var id = known == null ? id(request.getHeader(HEADER)) : known;
        if (known == null) {
            request.setAttribute(ATTRIBUTE, id);
            response.setHeader(HEADER, id);
        }
        MDC.put(LOG_KEY, id);
        try {
            chain.doFilter(request, response);
        } finally {
            MDC.remove(LOG_KEY);
            MDC.remove(JOB_LOG_KEY);
        }
    }

    private static String id(@Nullable String brought) {
        return brought != null && TAKEN.matcher(brought).matches()
                ? brought
                : HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    /** Answers that are finished on another thread, and error answers, are logged with the same id. */
    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }
}
