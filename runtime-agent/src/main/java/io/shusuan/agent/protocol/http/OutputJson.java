package io.shusuan.agent.protocol.http;

import io.shusuan.agent.inference.ServingException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads one element of a request's {@code outputs}. */
final class OutputJson {
    private OutputJson() {}

    static RequestedOutput read(JsonParser json) {
        @Nullable String name = null;
        @Nullable Boolean binary = null;
        int classes = 0;
        var place = new SharedPlaceJson();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var member = json.currentName();
            var value = json.nextToken();
            if (member.equals("name")) {
                name = InferJson.text(json, value, "name");
            } else if (member.equals("parameters") && value == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                    var parameter = json.currentName();
                    var given = json.nextToken();
                    switch (parameter) {
                        case "binary_data" -> {
                            InferJson.require(given.isBoolean(), parameter, "non-boolean", "boolean");
                            binary = given == JsonToken.VALUE_TRUE;
                        }
                        case "classification" ->
                            classes = (int) Math.min(Integer.MAX_VALUE, InferJson.unsigned(json, given, parameter));
                        default -> {
                            if (!place.member(json, parameter, given)) {
                                json.skipChildren();
                            }
                        }
                    }
                }
            } else {
                json.skipChildren();
            }
        }
        if (name == null) {
            throw ServingException.malformed(
                    "Unable to parse 'name': attempt to access non-existing object member 'name'");
        }
        return new RequestedOutput(name, binary, classes, place.read());
    }
}
