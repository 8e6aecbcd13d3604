package io.shusuan.api.serving;

import static org.springframework.cloud.gateway.server.mvc.handler.GatewayRouterFunctions.route;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.api.serving.Upload.BrokenRequestException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.security.Principal;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchange;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/** HTTP to inference jobs. */
@Configuration(proxyBeanMethods = false)
class ServingRoutes {

    private static final Logger log = LoggerFactory.getLogger(ServingRoutes.class);

    /** A replica that cannot even be connected to has seen nothing of the request, so another may be asked. */
    private static final int REPLICAS_TRIED = 2;

    @Bean
    RouterFunction<ServerResponse> serving(ReplicaChoice choice, ProxyExchange exchange) {
        return route("serve")
                .route(
                        RequestPredicates.path("/serve/{job}").or(RequestPredicates.path("/serve/{job}/**")),
                        request -> serve(request, choice, exchange))
                .build();
    }

    private static ServerResponse serve(ServerRequest request, ReplicaChoice choice, ProxyExchange exchange) {
        var servlet = request.servletRequest();
        var path = ServePath.of(servlet.getRequestURI(), servlet.getQueryString());
        var user = request.principal().map(Principal::getName).orElse(null);
        var passed = exchange.request(request).headers(PassedHeaders.toReplica(servlet, path, user));
        var replicas = choice.choose(path.job());
        for (var tried = 1; ; tried++) {
            var replica = replicas.get(tried - 1);
            try {
                return exchange.exchange(passed.uri(path.at("http", replica)).build());
            } catch (UncheckedIOException failed) {
                log.info(
                        "{} {} at {}:{}: {}",
                        request.method(),
                        path.job(),
                        replica.host(),
                        replica.port(),
                        String.valueOf(failed.getCause()));
                if (failed.getCause() instanceof BrokenRequestException) {
                    return brokenRequest();
                }
                if (!isUnreached(failed) || tried == Math.min(REPLICAS_TRIED, replicas.size())) {
                    throw problem(failed, path);
                }
            }
        }
    }

    /** The container, which found that out, has begun to refuse the request by then, and leaves nothing to write. */
    private static ServerResponse brokenRequest() {
        return ServerResponse.badRequest().build((request, response) -> {
            if (!response.isCommitted()) {
                throw new ProblemException(
                        ProblemKind.BAD_REQUEST,
                        "the body of the request broke off, or is not well formed: send it again");
            }
            return null;
        });
    }

    private static boolean isUnreached(UncheckedIOException failed) {
        var cause = failed.getCause();
        return cause instanceof ConnectException
                || cause instanceof ConnectTimeoutException
                || cause instanceof NoRouteToHostException
                || cause instanceof UnknownHostException;
    }

    private static ProblemException problem(UncheckedIOException failed, ServePath path) {
        if (failed.getCause() instanceof ConnectionRequestTimeoutException) {
            return new ProblemException(
                    ProblemKind.NO_REPLICA_READY,
                    "every connection to the replicas of %s is in use: try again, or give the job more tasks"
                            .formatted(path.job()));
        }
        if (isUnreached(failed)) {
            return new ProblemException(
                    ProblemKind.REPLICA_FAILED,
                    "a replica of %s cannot be reached; nothing of the request was sent, so it may be sent again"
                            .formatted(path.job()));
        }
        return new ProblemException(
                ProblemKind.REPLICA_FAILED,
                failed.getCause() instanceof InterruptedIOException
                        ? "a replica of %s took the request and said nothing for too long".formatted(path.job())
                        : "a replica of %s closed the connection without an answer; it may have begun on the request"
                                .formatted(path.job()));
    }
}
