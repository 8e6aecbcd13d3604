package io.shusuan.web.queue;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** The fields of a form, as the API takes them. */
final class SentFields {

    private SentFields() {}

    /** What is no number stays text, and is refused as such. */
    static void number(Map<String, String> sent, String field, ObjectNode into, String name) {
        text(sent, field).ifPresent(text -> {
            try {
                into.put(name, new BigDecimal(text));
            } catch (NumberFormatException noNumber) {
                into.put(name, text);
            }
        });
    }

    /** Nothing for a field that was left empty. */
    static Optional<String> text(Map<String, String> sent, String field) {
        return Optional.ofNullable(sent.get(field)).map(String::strip).filter(text -> !text.isEmpty());
    }
}
