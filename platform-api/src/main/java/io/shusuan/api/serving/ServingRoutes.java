package io.shusuan.api.serving;

import static org.springframework.cloud.gateway.server.mvc.handler.GatewayRouterFunctions.route;
import static org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctions.http;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.cloud.gateway.server.mvc.common.MvcUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * HTTP to inference jobs. The caller proves who it is to the platform; its token and cookies stay here, since the replica
 * runs what some user wrote. The replica is told the caller's name.
 */
@Configuration(proxyBeanMethods = false)
class ServingRoutes {

    private static final Logger log = LoggerFactory.getLogger(ServingRoutes.class);
    private static final String USER = "X-Shusuan-User";

    @Bean
    RouterFunction<ServerResponse> serving(ReplicaChoice choice) {
        return route("serve")
                .route(RequestPredicates.path("/serve/{job}").or(RequestPredicates.path("/serve/{job}/**")), http())
                .before(request -> toReplica(request, choice))
                .onError(ProblemException.class, (problem, request) -> answer((ProblemException) problem))
                .onError(ResourceAccessException.class, (failure, request) -> {
                    log.info("{} {}: {}", request.method(), request.path(), failure.toString());
                    return answer(new ProblemException(
                            ProblemKind.REPLICA_FAILED,
                            "the replica closed the connection or did not answer; the request may be sent again"));
                })
                .build();
    }

    private static ServerRequest toReplica(ServerRequest request, ReplicaChoice choice) {
        var path = ServePath.of(request.uri().getRawPath());
        var replica = choice.choose(path.job());
        var uri = path.at("http", replica.host(), replica.port(), request.uri().getRawQuery());
        MvcUtils.setRequestUrl(request, uri);
        return ServerRequest.from(request)
                .uri(uri)
                .headers(headers -> {
                    headers.remove(HttpHeaders.AUTHORIZATION);
                    headers.remove(HttpHeaders.COOKIE);
                    headers.remove("X-CSRF-TOKEN");
                    headers.set(
                            USER,
                            request.principal()
                                    .map(java.security.Principal::getName)
                                    .orElse(""));
                })
                .build();
    }

    private static ServerResponse answer(ProblemException problem) {
        return ServerResponse.status(problem.kind().status())
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem.kind().detail(Objects.requireNonNullElse(problem.getMessage(), "")));
    }

    /** Plain HTTP/1.1: an offer to upgrade to HTTP/2 confuses simple servers, and models are served by many of those. */
    @Bean
    ClientHttpRequestFactoryBuilder<?> replicaConnections() {
        return ClientHttpRequestFactoryBuilder.jdk()
                .withHttpClientCustomizer(client -> client.version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(2))
                        .followRedirects(HttpClient.Redirect.NEVER));
    }
}
