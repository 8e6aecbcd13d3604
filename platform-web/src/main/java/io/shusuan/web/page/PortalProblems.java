package io.shusuan.web.page;

import io.shusuan.scheduler.cluster.ClusterUnavailableException;
import io.shusuan.scheduler.job.JobNotFoundException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Gives what the portal refuses the status whose page people see. Nothing of it is a mistake of ours, so nothing is logged. */
@ControllerAdvice(basePackages = "io.shusuan.web")
@Order(Ordered.HIGHEST_PRECEDENCE)
class PortalProblems {

    @ExceptionHandler({JobNotFoundException.class, MethodArgumentTypeMismatchException.class})
    void missing(HttpServletResponse response) throws IOException {
        response.sendError(HttpStatus.NOT_FOUND.value());
    }

    @ExceptionHandler(ClusterUnavailableException.class)
    void clusterAway(HttpServletResponse response) throws IOException {
        response.sendError(HttpStatus.SERVICE_UNAVAILABLE.value());
    }

    @ExceptionHandler(ServletRequestBindingException.class)
    void incomplete(HttpServletResponse response) throws IOException {
        response.sendError(HttpStatus.BAD_REQUEST.value());
    }

    @ExceptionHandler
    void refused(ErrorResponseException refused, HttpServletResponse response) throws IOException {
        response.sendError(refused.getStatusCode().value());
    }
}
