package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.protocol.ModelVersions;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.grpc.transport.Call;
import io.shusuan.agent.protocol.grpc.transport.Receiver;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import io.shusuan.agent.protocol.sharedmemory.SharedOutputs;
import io.shusuan.agent.repository.Models;
import io.shusuan.agent.repository.ServedModel;
import io.shusuan.agent.trace.Trace;
import org.jspecify.annotations.Nullable;

/** The infer call: message to request, request to the model, response to message. */
final class InferCall {
    private final Models models;
    private final SharedMemory memory;
    private final CallMetadata metadata;

    InferCall(Models models, SharedMemory memory, CallMetadata metadata) {
        this.models = models;
        this.memory = memory;
        this.metadata = metadata;
    }

    Receiver begin(Call call) {
        var caller = new UnaryAnswer(call);
        return OneMessage.receive(call, InferMessageReader::new, new OneMessage.Handler<InferMessage>() {
            @Override
            public void handle(InferMessage message) {
                try (message) {
                    InferCall.this.handle(message, call, caller);
                }
            }

            @Override
            public void drop(InferMessage message) {
                message.close();
            }

            @Override
            public void callerLeft() {
                caller.callerLeft();
            }
        });
    }

    /** The message stays the caller's. */
    private void handle(InferMessage received, Call call, UnaryAnswer caller) {
        var timing = Timing.startingNow();
        var message = received.request();
        var trace = metadata.trace(call, message.getModelName());
        try {
            long version = ModelVersions.parse(message.getModelVersion());
            var model = models.find(message.getModelName(), version);
            if (model.tensors().decoupled()) {
                throw ServingException.unsupported(
                        "ModelInfer RPC doesn't support models with decoupled transaction policy");
            }
            var parameters = ParameterMessages.read(message);
            metadata.forward(call, parameters);
            var request = RequestMessages.read(received, version, parameters.read(), memory, timing);
            SharedOutputs shared = null;
            boolean accepted = false;
            try {
                shared = new SharedOutputs(memory, SharedPlaceMessages.outputs(message));
                shared.lendTo(request);
                caller.onCallerLeft(request::cancel);
                var answering = new Answering(message, model, shared, caller, trace);
                models.infer(request, trace == null ? answering : trace.follow(request, model.version(), answering));
                accepted = true;
            } finally {
                if (!accepted) {
                    request.close();
                    if (shared != null) {
                        shared.close();
                    }
                }
            }
        } catch (RuntimeException refused) {
            caller.fail(refused);
            if (trace != null) {
                trace.refused();
                trace.sent();
            }
        }
    }

    private static final class Answering implements Completion {
        private final ModelInferRequest asked;
        private final ServedModel model;
        private final SharedOutputs shared;
        private final UnaryAnswer caller;
        private final @Nullable Trace trace;

        Answering(
                ModelInferRequest asked,
                ServedModel model,
                SharedOutputs shared,
                UnaryAnswer caller,
                @Nullable Trace trace) {
            this.asked = asked;
            this.model = model;
            this.shared = shared;
            this.caller = caller;
            this.trace = trace;
        }

        @Override
        public void completed(InferenceResponse response) {
            if (trace != null) {
                trace.sending();
            }
            try (shared) {
                OutputMessages.write(asked, response, model, shared, caller::send);
                sent();
            } catch (RuntimeException failed) {
                caller.fail(failed);
                sent();
            }
        }

        @Override
        public void failed(ServingException failure) {
            shared.close();
            caller.fail(failure);
            sent();
        }

        private void sent() {
            if (trace != null) {
                trace.sent();
            }
        }
    }
}
