package io.shusuan.agent.protocol.http;

import io.shusuan.agent.inference.Completion;
import io.shusuan.agent.inference.InferenceResponse;
import io.shusuan.agent.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** Waits for the one answer of a generate call, also from a model that might have given more. */
final class OneGeneration implements Completion {
    private final Responder responder;
    private @Nullable InferenceResponse first;

    OneGeneration(Responder responder) {
        this.responder = responder;
    }

    @Override
    public void completed(InferenceResponse response) {
        responder.sendLater(() -> {
            try (response) {
                return HttpAnswer.json(GenerateAnswer.json(response));
            }
        });
    }

    @Override
    public void partial(InferenceResponse response) {
        if (first != null) {
            response.close();
            throw notOne();
        }
        first = response;
    }

    @Override
    public void completed() {
        var only = first;
        first = null;
        if (only == null) {
            failed(notOne());
        } else {
            completed(only);
        }
    }

    @Override
    public void failed(ServingException failure) {
        var dropped = first;
        first = null;
        if (dropped != null) {
            dropped.close();
        }
        responder.sendLater(() -> {
            throw failure;
        });
    }

    private static ServingException notOne() {
        return ServingException.internal("generate expects model to produce exactly 1 response, use generate stream for"
                + " model that generates various number of responses");
    }
}
