package io.shusuan.api.serving;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Ends what is left of an upload when the answer was given, or will not be: the container must not have the request back
 * before nobody reads it.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class UploadEnd extends OncePerRequestFilter {

    private final CallerConnections callers;

    UploadEnd(CallerConnections callers) {
        this.callers = callers;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getRequestURI().startsWith("/serve/");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var isAnswered = false;
        try {
            chain.doFilter(request, response);
            isAnswered = true;
        } finally {
            if (request.getAttribute(Upload.ATTRIBUTE) instanceof Upload upload && upload.isUnderWay()) {
                end(upload, isAnswered, request, response);
            }
        }
    }

    private void end(Upload upload, boolean isAnswered, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        try {
            if (isAnswered) {
                response.flushBuffer();
                if (!upload.isTakenWhole()) {
                    response.getOutputStream().close();
                }
            }
        } finally {
            if (upload.isUnderWay()) {
                callers.hearNoMoreOf(request.getServletConnection());
            }
            upload.awaitEnd();
        }
    }
}
