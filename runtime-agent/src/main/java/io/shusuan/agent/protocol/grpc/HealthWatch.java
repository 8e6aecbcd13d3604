package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.protocol.grpc.proto.HealthCheckRequest;
import io.shusuan.agent.protocol.grpc.proto.HealthCheckResponse;
import io.shusuan.agent.protocol.grpc.proto.HealthCheckResponse.ServingStatus;
import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.protocol.grpc.transport.Status;

/** One call that hears of the server's health until its caller leaves or the server ends. */
final class HealthWatch implements OneMessage.Handler<HealthCheckRequest>, Readiness.Watcher {
    private final Call call;
    private final Readiness readiness;
    private boolean known;

    HealthWatch(Call call, Readiness readiness) {
        this.call = call;
        this.readiness = readiness;
    }

    /** A service that is unknown may come to be known, so says the protocol: the call stays open. */
    @Override
    public void handle(HealthCheckRequest asked) {
        known = HealthGrpcService.knows(asked.getService());
        if (!known) {
            send(ServingStatus.SERVICE_UNKNOWN);
        }
        readiness.watch(this);
    }

    @Override
    public void callerLeft() {
        readiness.forget(this);
    }

    @Override
    public void is(boolean ready) {
        if (known) {
            send(ready ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
        }
    }

    private void send(ServingStatus status) {
        call.send(Framed.message(
                HealthCheckResponse.newBuilder().setStatus(status).build()));
    }

    @Override
    public void ended() {
        call.close(new Status(Status.Code.UNAVAILABLE, "the server is going away"));
    }
}
