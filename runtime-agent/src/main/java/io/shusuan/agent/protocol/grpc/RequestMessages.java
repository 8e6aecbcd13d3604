package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.RequestParameters;
import io.shusuan.agent.inference.Tensor;
import io.shusuan.agent.inference.Timing;
import io.shusuan.agent.protocol.sharedmemory.SharedMemory;
import java.util.ArrayList;

/** A request from its message. */
final class RequestMessages {
    private RequestMessages() {}

    /** The request, owned by the caller. */
    static InferenceRequest read(
            InferMessage received, long version, RequestParameters parameters, SharedMemory memory, Timing timing) {
        var message = received.request();
        var inputs = InputMessages.read(received, memory);
        boolean done = false;
        try {
            var outputs = new ArrayList<String>(message.getOutputsCount());
            for (var output : message.getOutputsList()) {
                outputs.add(output.getName());
            }
            var request = new InferenceRequest(
                    message.getModelName(), version, message.getId(), inputs, outputs, parameters, timing);
            done = true;
            return request;
        } finally {
            if (!done) {
                inputs.forEach(Tensor::release);
            }
        }
    }
}
