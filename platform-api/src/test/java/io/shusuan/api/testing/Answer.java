package io.shusuan.api.testing;

import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What came back. */
public record Answer(int status, HttpHeaders headers, byte[] body) {

    private static final JsonMapper JSON = new JsonMapper();

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    public JsonNode json() {
        return JSON.readTree(body);
    }

    /** The text at a JSON pointer; empty if there is none. */
    public String at(String pointer) {
        return json().at(pointer).asString("");
    }

    public Optional<String> header(String name) {
        return headers.firstValue(name);
    }
}
