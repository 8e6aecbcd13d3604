package io.shusuan.agent.protocol.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.shusuan.agent.inference.ServingException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A small JSON object read whole, for the calls that are not about tensors. A value is null, a Boolean, a BigInteger, a Double, a
 * String, a List or another object.
 */
record JsonFields(Map<String, @Nullable Object> members) {
    private static final int MAX_DEPTH = 32;

    /** An empty body is an empty object. */
    static JsonFields read(ByteBuf body) {
        if (!body.isReadable()) {
            return new JsonFields(Map.of());
        }
        byte[] bytes = ByteBufUtil.getBytes(body);
        try (var json = Json.parser(bytes, 0, bytes.length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw ServingException.malformed("failed to parse the request JSON buffer: not an object");
            }
            return object(json, MAX_DEPTH);
        } catch (JacksonException wrong) {
            throw InferJson.unreadable(wrong);
        }
    }

    private static JsonFields object(JsonParser json, int depth) {
        var members = new LinkedHashMap<String, @Nullable Object>();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = json.currentName();
            members.put(name, value(json, json.nextToken(), depth - 1));
        }
        return new JsonFields(members);
    }

    private static @Nullable Object value(JsonParser json, JsonToken token, int depth) {
        if (depth == 0) {
            throw ServingException.malformed("failed to parse the request JSON buffer: it is nested too deeply");
        }
        return switch (token) {
            case START_OBJECT -> object(json, depth);
            case START_ARRAY -> {
                var elements = new ArrayList<@Nullable Object>();
                for (var next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
                    elements.add(value(json, next, depth - 1));
                }
                yield elements;
            }
            case VALUE_TRUE, VALUE_FALSE -> token == JsonToken.VALUE_TRUE;
            case VALUE_NUMBER_INT -> json.getBigIntegerValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_STRING -> json.getString();
            default -> null;
        };
    }

    Set<String> names() {
        return members.keySet();
    }

    boolean has(String name) {
        return members.containsKey(name);
    }

    @Nullable
    Object get(String name) {
        return members.get(name);
    }

    JsonFields object(String name) {
        if (!members.containsKey(name)) {
            return new JsonFields(Map.of());
        }
        InferJson.require(members.get(name) instanceof JsonFields, name, "non-object", "object");
        return members.get(name) instanceof JsonFields object ? object : new JsonFields(Map.of());
    }

    String text(String name) {
        if (present(name) instanceof String text) {
            return text;
        }
        throw wrong(name, "non-string", "string");
    }

    boolean flag(String name, boolean unset) {
        if (!members.containsKey(name)) {
            return unset;
        }
        if (members.get(name) instanceof Boolean flag) {
            return flag;
        }
        throw wrong(name, "non-boolean", "boolean");
    }

    long unsigned(String name, long unset) {
        return members.containsKey(name) ? unsigned(name) : unset;
    }

    long unsigned(String name) {
        if (present(name) instanceof BigInteger number && number.signum() >= 0 && number.bitLength() < Long.SIZE) {
            return number.longValue();
        }
        throw wrong(name, "non-unsigned-integer", "unsigned-integer");
    }

    private Object present(String name) {
        var value = members.get(name);
        if (value == null) {
            throw ServingException.malformed(
                    "Unable to parse '" + name + "': attempt to access non-existing object member '" + name + "'");
        }
        return value;
    }

    private static ServingException wrong(String name, String found, String wanted) {
        return ServingException.malformed(
                "Unable to parse '" + name + "': attempt to access JSON " + found + " as " + wanted);
    }

    List<String> texts(String name) {
        var texts = new ArrayList<String>();
        if (members.get(name) instanceof List<?> elements) {
            for (var element : elements) {
                if (!(element instanceof String text)) {
                    throw wrong(name, "non-string", "string");
                }
                texts.add(text);
            }
        }
        return texts;
    }
}
