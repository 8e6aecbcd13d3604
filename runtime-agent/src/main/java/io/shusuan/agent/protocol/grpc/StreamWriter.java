package io.shusuan.agent.protocol.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.proto.ModelInferResponse;
import io.shusuan.agent.protocol.grpc.proto.ModelStreamInferResponse;
import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.protocol.grpc.transport.Status;
import io.shusuan.agent.protocol.sharedmemory.SharedOutputs;
import io.shusuan.agent.repository.ServedModel;
import java.util.List;

/** The outgoing side of a stream: one message at a time, from whichever thread has one. */
final class StreamWriter {
    private static final String FINAL = "triton_final_response";
    private static final long READ_DEADLINE_NANOS = 60_000_000_000L;

    private final Call call;
    private final boolean errorsEnd;

    @GuardedBy("this")
    private boolean closed;

    /** @param errorsEnd whether a failure ends the stream with its status instead of being a message of it */
    StreamWriter(Call call, boolean errorsEnd) {
        this.call = call;
        this.errorsEnd = errorsEnd;
    }

    /** Waits until the caller has read what was sent before; a response that cannot be sent any more is closed. */
    void awaitReader(InferenceResponse response) {
        boolean room = false;
        try {
            awaitRoom();
            room = true;
        } finally {
            if (!room) {
                response.close();
            }
        }
    }

    private synchronized void awaitRoom() {
        long end = System.nanoTime() + READ_DEADLINE_NANOS;
        while (!closed && !call.isReady()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new ServingException(Reason.CANCELLED, "the caller has read nothing for 60 s");
            }
            try {
                wait(left);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                throw ServingException.unavailable("the server is going away");
            }
        }
        if (closed) {
            throw new ServingException(Reason.CANCELLED, "the caller went away");
        }
    }

    /** Sends a response, which is taken over. */
    void answer(
            ModelInferRequest asked,
            InferenceResponse response,
            ServedModel model,
            SharedOutputs shared,
            boolean last) {
        try {
            OutputMessages.write(
                    asked,
                    response,
                    model,
                    shared,
                    message -> send(Framed.streamed(new AnswerMessage(
                            message.described().toBuilder()
                                    .putParameters(FINAL, flag(last))
                                    .build(),
                            message.raw()))));
        } catch (ServingException refused) {
            failure(asked, refused);
        }
    }

    void emptyFinal(ModelInferRequest asked, long version) {
        send(Framed.message(ModelStreamInferResponse.newBuilder()
                .setInferResponse(ModelInferResponse.newBuilder()
                        .setModelName(asked.getModelName())
                        .setModelVersion(Long.toString(version))
                        .setId(asked.getId())
                        .putParameters(FINAL, flag(true)))
                .build()));
    }

    private static InferParameter flag(boolean value) {
        return ParameterMessages.write(new Parameter.Flag(value));
    }

    void failure(ModelInferRequest asked, ServingException failure) {
        if (errorsEnd) {
            synchronized (this) {
                if (!closed) {
                    closed = true;
                    call.close(GrpcStatus.of(failure));
                    notifyAll();
                }
            }
            return;
        }
        send(Framed.message(ModelStreamInferResponse.newBuilder()
                .setErrorMessage(failure.text())
                .setInferResponse(ModelInferResponse.newBuilder().setId(asked.getId()))
                .build()));
    }

    private synchronized void send(List<ByteBuf> message) {
        if (closed) {
            message.forEach(ByteBuf::release);
        } else {
            call.send(message);
        }
    }

    synchronized void end() {
        if (!closed) {
            closed = true;
            call.close(Status.OK);
        }
    }

    /** The caller has gone. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** There may be room now. */
    synchronized void changed() {
        notifyAll();
    }
}
