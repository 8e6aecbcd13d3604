package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers who want to hear when the agent is ready, over gRPC. */
class HealthWatchTest {
    @TempDir
    private Path folder;

    /** What one caller hears: states, then the code with which the call ended. */
    private static final class Watched implements StreamObserver<HealthCheckResponse> {
        private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();

        Watched(ManagedChannel channel, String service) {
            HealthGrpc.newStub(channel)
                    .watch(HealthCheckRequest.newBuilder().setService(service).build(), this);
        }

        @Override
        public void onNext(HealthCheckResponse response) {
            heard.add(response.getStatus());
        }

        @Override
        public void onError(Throwable failure) {
            heard.add(Status.fromThrowable(failure).getCode());
        }

        @Override
        public void onCompleted() {
            heard.add(Status.Code.OK);
        }

        @Nullable
        Object next() throws InterruptedException {
            return heard.poll(30, TimeUnit.SECONDS);
        }

        boolean hasNoMore() {
            return heard.isEmpty();
        }
    }

    private static ManagedChannel channel(RunningAgent agent) {
        return NettyChannelBuilder.forAddress(agent.grpc()).usePlaintext().build();
    }

    @Test
    void everyChangeIsToldUntilTheServerEnds() throws Exception {
        var repository = new ModelRepository(folder).onnx("good", 1, "identity");
        repository.identity("broken", "backend: \"nope\"");
        var agent = RunningAgent.serving(repository, "--model-control-mode=explicit", "--load-model=good");
        var channel = channel(agent);
        try (agent) {
            var all = new Watched(channel, "");
            var service = new Watched(channel, "inference.GRPCInferenceService");
            var unknown = new Watched(channel, "nope");
            assertThat(all.next()).isEqualTo(ServingStatus.SERVING);
            assertThat(service.next()).isEqualTo(ServingStatus.SERVING);
            assertThat(unknown.next()).isEqualTo(ServingStatus.SERVICE_UNKNOWN);

            assertThat(agent.post("/v2/repository/models/broken/load", "").statusCode())
                    .isEqualTo(400);
            assertThat(all.next()).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(agent.post("/v2/repository/models/broken/unload", "").statusCode())
                    .isEqualTo(200);
            assertThat(all.next()).isEqualTo(ServingStatus.SERVING);

            long begin = System.nanoTime();
            agent.agent().close();
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin))
                    .as("the watchers hold nothing up")
                    .isLessThan(20);
            assertThat(all.next()).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(all.next()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(service.next()).isEqualTo(ServingStatus.NOT_SERVING);
            assertThat(service.next()).isEqualTo(ServingStatus.SERVING);
            assertThat(unknown.next()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(unknown.hasNoMore()).isTrue();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aCallerWhoLeavesIsForgotten() throws Exception {
        try (var agent = RunningAgent.serving(new ModelRepository(folder).onnx("good", 1, "identity"))) {
            var leaving = channel(agent);
            var watched = new Watched(leaving, "");
            assertThat(watched.next()).isEqualTo(ServingStatus.SERVING);
            leaving.shutdownNow();
            assertThat(watched.next()).isEqualTo(Status.Code.UNAVAILABLE);
            // another is served beside, and after
            var channel = channel(agent);
            try {
                assertThat(new Watched(channel, "").next()).isEqualTo(ServingStatus.SERVING);
            } finally {
                channel.shutdownNow();
            }
        }
    }
}
