package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.shusuan.agent.inference.ServingException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The small bodies of the repository's calls; an empty one means nothing is asked in particular. */
final class RepositoryBody {
    private RepositoryBody() {}

    static boolean readyOnly(ByteBuf body) {
        boolean ready = false;
        if (body.isReadable()) {
            try (var json = open(body)) {
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    var name = json.currentName();
                    var value = json.nextToken();
                    if ("ready".equals(name)) {
                        if (!value.isBoolean()) {
                            throw ServingException.malformed(
                                    "Unable to parse 'ready': attempt to access JSON non-boolean as boolean");
                        }
                        ready = value == JsonToken.VALUE_TRUE;
                    }
                    json.skipChildren();
                }
            } catch (JacksonException wrong) {
                throw InferJson.unreadable(wrong);
            }
        }
        return ready;
    }

    /** The names of the parameters given. */
    static List<String> parameters(ByteBuf body) {
        var names = new ArrayList<String>();
        if (body.isReadable()) {
            try (var json = open(body)) {
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    var name = json.currentName();
                    var value = json.nextToken();
                    if ("parameters".equals(name) && value == JsonToken.START_OBJECT) {
                        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                            names.add(json.currentName());
                            json.nextToken();
                            json.skipChildren();
                        }
                    } else {
                        json.skipChildren();
                    }
                }
            } catch (JacksonException wrong) {
                throw InferJson.unreadable(wrong);
            }
        }
        return names;
    }

    private static JsonParser open(ByteBuf body) {
        byte[] bytes = ByteBufUtil.getBytes(body);
        var json = Json.parser(bytes, 0, bytes.length);
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw ServingException.malformed("the request's body must be a JSON object");
        }
        return json;
    }
}
