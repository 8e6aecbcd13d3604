package io.shusuan.api.problem;

import io.shusuan.api.request.ProgramPaths;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/** Whatever goes wrong behind a path of programs, also before a controller is found, is answered with a problem. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
class ProblemResolver implements HandlerExceptionResolver {

    private static final Logger log = LoggerFactory.getLogger(ProblemResolver.class);

    private final ProblemWriter problems;

    ProblemResolver(ProblemWriter problems) {
        this.problems = problems;
    }

    @Override
    public @Nullable ModelAndView resolveException(
            HttpServletRequest request, HttpServletResponse response, @Nullable Object handler, Exception thrown) {
        // An answer that has begun can only be broken off, which the container does with what is not handled here.
        if (!ProgramPaths.has(request) || response.isCommitted()) {
            return null;
        }
        try {
            problems.write(request, response, thrown);
        } catch (IOException gone) {
            log.debug("nobody is there to hear of {}: {}", thrown, gone.toString());
        }
        return new ModelAndView();
    }
}
