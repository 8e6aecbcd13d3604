package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.access.Access;
import io.shusuan.agent.protocol.access.Api;
import io.shusuan.agent.protocol.grpc.proto.HealthCheckRequest;
import io.shusuan.agent.protocol.grpc.proto.HealthCheckResponse;
import io.shusuan.agent.protocol.grpc.proto.HealthCheckResponse.ServingStatus;
import io.shusuan.agent.protocol.grpc.transport.Route;
import java.util.Map;

/** {@code grpc.health.v1}: the whole server and the inference service are serving when the models are ready. */
public final class HealthGrpcService {
    private final Readiness readiness;

    public HealthGrpcService(Readiness readiness) {
        this.readiness = readiness;
    }

    public Map<String, Route> routes(Access access) {
        var routes = new Routes("grpc.health.v1.Health", access);
        routes.answer("Check", Api.HEALTH, HealthCheckRequest.parser(), this::check);
        routes.add(
                "Watch",
                Api.HEALTH,
                call -> OneMessage.<HealthCheckRequest>receive(
                        call,
                        (_, whole) -> new GatheredMessage<>(HealthCheckRequest.parser(), whole),
                        new HealthWatch(call, readiness)));
        return routes.byPath();
    }

    static boolean knows(String service) {
        return service.isEmpty() || service.equals(InferenceGrpc.SERVICE);
    }

    private HealthCheckResponse check(HealthCheckRequest asked) {
        var service = asked.getService();
        if (!knows(service)) {
            throw new ServingException(Reason.NOT_FOUND, "unknown service '" + service + "'");
        }
        return HealthCheckResponse.newBuilder()
                .setStatus(readiness.isReady() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                .build();
    }
}
