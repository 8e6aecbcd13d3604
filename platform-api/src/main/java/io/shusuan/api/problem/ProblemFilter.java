package io.shusuan.api.problem;

import io.shusuan.api.request.ProgramPaths;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatusCode;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** What goes wrong before the request has come as far as the controllers: in another filter, or in the container itself. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class ProblemFilter extends OncePerRequestFilter {

    private final ProblemWriter problems;

    ProblemFilter(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // An answer that was begun is broken off, and does not go on as a page about that.
        if (response.isCommitted() && request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) != null) {
            return;
        }
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            error(request, response, chain);
            return;
        }
        // The framework fails on such a type before it looks for who takes it.
        var type = request.getContentType();
        if (type != null && type.contains("*") && ProgramPaths.has(request)) {
            problems.write(
                    request,
                    response,
                    ProblemKind.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type is '%s': name the one type that the body has, e.g. application/yaml".formatted(type));
            return;
        }
        try {
            chain.doFilter(request, response);
        } catch (RuntimeException | ServletException thrown) {
            if (response.isCommitted() || !ProgramPaths.has(request)) {
                throw thrown;
            }
            var cause = thrown instanceof ServletException && thrown.getCause() != null ? thrown.getCause() : thrown;
            problems.write(request, response, cause);
        }
    }

    /** The container asks for a page about an error: programs get a problem instead. */
    private void error(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI) instanceof String path
                && ProgramPaths.has(path)
                && request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer status) {
            var kind = ProblemKind.of(HttpStatusCode.valueOf(status));
            problems.write(request, response, kind, kind.title());
        } else {
            chain.doFilter(request, response);
        }
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }
}
