package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.inference.ServingException;
import java.util.List;

/** Shared memory is off in this server: there are no regions, and none can be registered. */
final class SharedMemoryRoutes {
    private SharedMemoryRoutes() {}

    static HttpAnswer answer(HttpCall call, List<String> path, String kind) {
        var region = path.size() == 3 && path.getFirst().equals("region") ? path.get(1) : "";
        var action = path.isEmpty() ? "" : path.getLast();
        if (path.size() != 1 && region.isEmpty()) {
            throw InferenceHttp.notFound();
        }
        return switch (action) {
            case "status" -> {
                InferenceHttp.get(call, HttpAnswer.JSON);
                if (!region.isEmpty()) {
                    throw ServingException.notFound(
                            "Unable to find " + kind + " shared memory region: '" + region + "'");
                }
                yield HttpAnswer.text(HttpAnswer.JSON, "[]");
            }
            case "unregister" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                yield HttpAnswer.empty(HttpResponseStatus.OK, HttpAnswer.JSON);
            }
            case "register" -> {
                InferenceHttp.post(call, HttpAnswer.JSON);
                throw ServingException.unsupported("shared memory is not supported by this server yet");
            }
            default -> throw InferenceHttp.notFound();
        };
    }
}
