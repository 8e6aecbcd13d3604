package io.shusuan.agent.protocol.grpc;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.function.BooleanSupplier;

/** {@code grpc.health.v1}: the whole server and the inference service are serving when the models are ready. */
public final class HealthGrpcService extends HealthGrpc.HealthImplBase {
    private final BooleanSupplier ready;

    public HealthGrpcService(BooleanSupplier ready) {
        this.ready = ready;
    }

    @Override
    public void check(HealthCheckRequest asked, StreamObserver<HealthCheckResponse> caller) {
        var service = asked.getService();
        if (!service.isEmpty() && !service.equals(Method.SERVICE)) {
            caller.onError(Status.NOT_FOUND
                    .withDescription("unknown service '" + service + "'")
                    .asRuntimeException());
            return;
        }
        caller.onNext(HealthCheckResponse.newBuilder()
                .setStatus(ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                .build());
        caller.onCompleted();
    }
}
