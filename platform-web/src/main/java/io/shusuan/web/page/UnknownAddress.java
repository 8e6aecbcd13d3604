package io.shusuan.web.page;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** What nothing answers to: people get a page, programs a problem. */
@ControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class UnknownAddress {

    @ExceptionHandler({NoResourceFoundException.class, NoHandlerFoundException.class})
    @Nullable
    ResponseEntity<ProblemDetail> unknown(Exception refused, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        var unknown = (ErrorResponse) refused;
        var program = request.getRequestURI().startsWith("/api/");
        if (program) {
            return ResponseEntity.status(unknown.getStatusCode())
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .body(unknown.getBody());
        }
        response.sendError(unknown.getStatusCode().value());
        return null;
    }
}
