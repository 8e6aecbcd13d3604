package io.shusuan.agent.protocol.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.shusuan.agent.protocol.ServerInfo;
import java.util.function.BooleanSupplier;

/** What the server says of itself. */
public final class ServerRoutes {
    private final String name;
    private final BooleanSupplier ready;

    public ServerRoutes(String name, BooleanSupplier ready) {
        this.name = name;
        this.ready = ready;
    }

    HttpAnswer live() {
        return HttpAnswer.empty(HttpResponseStatus.OK, HttpAnswer.TEXT);
    }

    HttpAnswer ready() {
        return HttpAnswer.empty(
                ready.getAsBoolean() ? HttpResponseStatus.OK : HttpResponseStatus.BAD_REQUEST, HttpAnswer.TEXT);
    }

    HttpAnswer metadata() {
        return HttpAnswer.json(Json.document(json -> {
            json.writeStringProperty("name", name);
            json.writeStringProperty("version", ServerInfo.version());
            json.writeArrayPropertyStart("extensions");
            ServerInfo.EXTENSIONS.forEach(json::writeString);
            json.writeEndArray();
        }));
    }
}
