package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelStreamInferResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The caller's side of one gRPC stream. */
final class InferStream implements StreamObserver<ModelStreamInferResponse> {
    /** What ends the queue of answers: null as a throwable when the stream ended well. */
    record End(@Nullable Throwable failure) {}

    private final BlockingQueue<Object> received = new LinkedBlockingQueue<>();
    private final StreamObserver<ModelInferRequest> requests;

    InferStream(Channel channel, String... metadata) {
        var headers = new Metadata();
        for (int i = 0; i < metadata.length; i += 2) {
            headers.put(Metadata.Key.of(metadata[i], Metadata.ASCII_STRING_MARSHALLER), metadata[i + 1]);
        }
        var with = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
        requests =
                ClientCalls.asyncBidiStreamingCall(with.newCall(Method.MODEL_STREAM_INFER, CallOptions.DEFAULT), this);
    }

    InferStream send(ModelInferRequest.Builder request) {
        requests.onNext(request.build());
        return this;
    }

    void cancel() {
        ((ClientCallStreamObserver<?>) requests).cancel("the caller leaves", null);
    }

    InferStream finish() {
        requests.onCompleted();
        return this;
    }

    ModelStreamInferResponse next() throws InterruptedException {
        var next = received.poll(30, TimeUnit.SECONDS);
        assertThat(next).isInstanceOf(ModelStreamInferResponse.class);
        return (ModelStreamInferResponse) next;
    }

    End end() throws InterruptedException {
        var next = received.poll(30, TimeUnit.SECONDS);
        assertThat(next).isInstanceOf(End.class);
        return (End) next;
    }

    @Override
    public void onNext(ModelStreamInferResponse answer) {
        received.add(answer);
    }

    @Override
    public void onError(Throwable failure) {
        received.add(new End(failure));
    }

    @Override
    public void onCompleted() {
        received.add(new End(null));
    }
}
