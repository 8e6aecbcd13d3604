package io.shusuan.agent.protocol.grpc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.protocol.grpc.transport.MessageReader;
import io.shusuan.agent.protocol.grpc.transport.Receiver;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import io.shusuan.agent.protocol.sharedmemory.SharedOutputs;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import io.shusuan.agent.trace.Trace;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One stream of requests. They run beside each other; the answers of models that give one each come in the order of the requests,
 * those of decoupled models as they are made. A limited number runs at a time, and the next is read when one has been answered and
 * the caller has read, so that neither side of a stream fills the memory.
 */
final class StreamInferCall implements Receiver {
    private static final int MAX_RUNNING = 256;

    private final Models models;
    private final SharedMemory memory;
    private final CallMetadata metadata;
    private final StreamWriter writer;
    private final Call call;
    private final Object lock = new Object();

    @GuardedBy("lock")
    private final Set<InferenceRequest> running = new HashSet<>();

    @GuardedBy("lock")
    private final ArrayDeque<Answer> inOrder = new ArrayDeque<>();

    @GuardedBy("lock")
    private int open;

    @GuardedBy("lock")
    private int readLater;

    @GuardedBy("lock")
    private boolean allReceived;

    StreamInferCall(Models models, SharedMemory memory, CallMetadata metadata, Call call) {
        this.models = models;
        this.memory = memory;
        this.metadata = metadata;
        this.call = call;
        this.writer = new StreamWriter(call, CallMetadata.errorsEndStream(call));
        call.request(MAX_RUNNING);
    }

    @Override
    public MessageReader message(int bytes) {
        return new InferMessageReader(bytes, this::received);
    }

    private void received(InferMessage message) {
        synchronized (lock) {
            open++;
        }
        var answer = new Answer(message.request());
        try (message) {
            start(message, answer);
        } catch (ServingException refused) {
            answer.refused(refused);
        } catch (RuntimeException failed) {
            answer.refused(GrpcStatus.internal(failed));
        }
    }

    private void start(InferMessage received, Answer answer) {
        var timing = Timing.startingNow();
        var message = received.request();
        var trace = metadata.trace(call, message.getModelName());
        answer.trace = trace;
        long version = ModelVersions.parse(message.getModelVersion());
        var model = models.find(message.getModelName(), version);
        answer.model = model;
        if (!model.tensors().decoupled()) {
            synchronized (lock) {
                answer.ordered = true;
                inOrder.add(answer);
            }
        }
        var parameters = ParameterMessages.read(message);
        metadata.forward(call, parameters);
        answer.emptyFinalWanted = parameters.emptyFinalWanted();
        var request = RequestMessages.read(received, version, parameters.read(), memory, timing);
        answer.request = request;
        boolean accepted = false;
        try {
            synchronized (lock) {
                running.add(request);
            }
            answer.shared = new SharedOutputs(memory, SharedPlaceMessages.outputs(message));
            answer.shared.lendTo(request);
            models.infer(request, trace == null ? answer : trace.follow(request, model.version(), answer));
            accepted = true;
        } finally {
            if (!accepted) {
                request.close();
            }
        }
    }

    @Override
    public void halfClosed() {
        synchronized (lock) {
            allReceived = true;
            endWhenAnswered();
        }
    }

    @Override
    public void ready() {
        writer.changed();
        readMore();
    }

    @Override
    public void cancelled() {
        writer.close();
        List<InferenceRequest> going;
        synchronized (lock) {
            going = List.copyOf(running);
        }
        going.forEach(InferenceRequest::cancel); // one that waits is answered at once, and is no longer among them
    }

    private void readMore() {
        int more;
        synchronized (lock) {
            if (!call.isReady()) {
                return;
            }
            more = readLater;
            readLater = 0;
        }
        if (more > 0) {
            call.request(more);
        }
    }

    @GuardedBy("lock")
    private void endWhenAnswered() {
        if (allReceived && open == 0) {
            writer.end();
        }
    }

    /** What one request is answered. */
    private final class Answer implements Completion {
        private final ModelInferRequest asked;
        private @Nullable ServedModel model;
        private @Nullable InferenceRequest request;
        private @Nullable SharedOutputs shared;
        private @Nullable Trace trace;
        private boolean emptyFinalWanted;
        private boolean ordered;
        private @Nullable Runnable end;

        Answer(ModelInferRequest asked) {
            this.asked = asked;
        }

        @Override
        public void partial(InferenceResponse response) {
            if (trace != null) {
                trace.sending();
            }
            writer.awaitReader(response);
            writer.answer(asked, response, servedBy(), Objects.requireNonNull(shared), false);
        }

        @Override
        public void completed(InferenceResponse response) {
            finish(() -> writer.answer(asked, response, servedBy(), Objects.requireNonNull(shared), true));
        }

        @Override
        public void completed() {
            finish(() -> {
                if (emptyFinalWanted) {
                    writer.emptyFinal(asked, servedBy().version());
                }
            });
        }

        @Override
        public void failed(ServingException failure) {
            finish(() -> writer.failure(asked, failure));
        }

        void refused(ServingException why) {
            if (trace != null) {
                trace.refused();
            }
            failed(why);
        }

        private ServedModel servedBy() {
            return Objects.requireNonNull(model);
        }

        private void finish(Runnable writing) {
            synchronized (lock) {
                if (request != null) {
                    running.remove(request);
                }
                end = writing;
                if (!ordered) {
                    last(this);
                }
                while (!inOrder.isEmpty() && inOrder.getFirst().end != null) {
                    last(inOrder.removeFirst());
                }
                endWhenAnswered();
            }
            readMore();
        }
    }

    @GuardedBy("lock")
    private void last(Answer answer) {
        open--;
        readLater++;
        var writing = answer.end;
        var trace = answer.trace;
        if (trace != null) {
            trace.sending();
        }
        if (writing != null) {
            writing.run();
        }
        if (trace != null) {
            trace.sent();
        }
        if (answer.shared != null) {
            answer.shared.close();
        }
    }
}
