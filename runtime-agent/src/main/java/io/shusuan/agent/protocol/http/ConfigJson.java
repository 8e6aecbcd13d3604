package io.shusuan.agent.protocol.http;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import tools.jackson.core.JsonGenerator;

/**
 * A configuration as JSON: field names as in the text, every scalar and list written out, messages and members of a oneof only where
 * they are set, 64-bit integers as numbers.
 */
final class ConfigJson {
    private ConfigJson() {}

    static void write(JsonGenerator json, Message message) {
        json.writeStartObject();
        for (var field : message.getDescriptorForType().getFields()) {
            if (field.isMapField()) {
                json.writeObjectPropertyStart(field.getName());
                map(json, message, field);
                json.writeEndObject();
            } else if (field.isRepeated()) {
                json.writeArrayPropertyStart(field.getName());
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    value(json, message.getRepeatedField(field, i));
                }
                json.writeEndArray();
            } else if (!field.hasPresence() || message.hasField(field)) {
                json.writeName(field.getName());
                value(json, message.getField(field));
            }
        }
        json.writeEndObject();
    }

    private static void map(JsonGenerator json, Message message, FieldDescriptor field) {
        var key = field.getMessageType().findFieldByName("key");
        var value = field.getMessageType().findFieldByName("value");
        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
            var entry = (Message) message.getRepeatedField(field, i);
            json.writeName(String.valueOf(entry.getField(key)));
            value(json, entry.getField(value));
        }
    }

    private static void value(JsonGenerator json, Object value) {
        switch (value) {
            case Message nested -> write(json, nested);
            case EnumValueDescriptor symbol -> json.writeString(symbol.getName());
            case String text -> json.writeString(text);
            case Boolean flag -> json.writeBoolean(flag);
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case Float number -> json.writeNumber(number);
            case Double number -> json.writeNumber(number);
            case ByteString bytes -> json.writeString(Base64.getEncoder().encodeToString(bytes.toByteArray()));
            default -> throw new IllegalStateException("a configuration has no " + value.getClass());
        }
    }
}
