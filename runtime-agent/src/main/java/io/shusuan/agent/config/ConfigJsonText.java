package io.shusuan.agent.config;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import java.util.Base64;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads a configuration from JSON, as a load request carries it: the names of the text format or their camel-case form. */
public final class ConfigJsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ConfigJsonText() {}

    /**
     * @param origin what to call the text in messages
     * @throws LoadException naming the line and the field
     */
    public static ConfigDocument parse(String origin, String text) throws LoadException {
        var config = ModelConfig.newBuilder();
        try (var json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw wrong(origin, json, "a configuration is an object");
            }
            message(origin, json, config);
            if (json.nextToken() != null) {
                throw wrong(origin, json, "there is more after the object");
            }
            return new ConfigDocument(config.build(), origin, null);
        } catch (JacksonException broken) {
            var at = broken.getLocation();
            throw new LoadException(
                    origin + ":" + (at == null ? "" : at.getLineNr() + ":" + at.getColumnNr() + ": ")
                            + broken.getOriginalMessage(),
                    broken);
        }
    }

    private static LoadException wrong(String origin, JsonParser json, String why) {
        var at = json.currentTokenLocation();
        return new LoadException(origin + ":" + at.getLineNr() + ":" + at.getColumnNr() + ": " + why);
    }

    private static void message(String origin, JsonParser json, Message.Builder into) throws LoadException {
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = json.currentName();
            var field = into.getDescriptorForType().getFields().stream()
                    .filter(f -> f.getName().equals(name) || f.getJsonName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> wrong(
                            origin,
                            json,
                            into.getDescriptorForType().getName() + " has no field '" + name + "'; it has "
                                    + into.getDescriptorForType().getFields().stream()
                                            .map(FieldDescriptor::getName)
                                            .toList()));
            var token = json.nextToken();
            if (token == JsonToken.VALUE_NULL) {
                continue;
            }
            if (field.isMapField()) {
                entries(origin, json, field, into);
            } else if (field.isRepeated()) {
                require(token == JsonToken.START_ARRAY, origin, json, name + " is a list");
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    into.addRepeatedField(field, value(origin, json, field, into));
                }
            } else {
                into.setField(field, value(origin, json, field, into));
            }
        }
    }

    private static void entries(String origin, JsonParser json, FieldDescriptor field, Message.Builder into)
            throws LoadException {
        require(json.currentToken() == JsonToken.START_OBJECT, origin, json, field.getName() + " is an object");
        var key = field.getMessageType().findFieldByName("key");
        var value = field.getMessageType().findFieldByName("value");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = json.currentName();
            json.nextToken();
            var entry = into.newBuilderForField(field);
            entry.setField(
                    key,
                    key.getJavaType() == FieldDescriptor.JavaType.STRING ? name : (Object) number(origin, json, name));
            entry.setField(value, value(origin, json, value, entry));
            into.addRepeatedField(field, entry.build());
        }
    }

    private static long number(String origin, JsonParser json, String text) throws LoadException {
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException notANumber) {
            throw wrong(origin, json, "'" + text + "' is not a number");
        }
    }

    private static Object value(String origin, JsonParser json, FieldDescriptor field, Message.Builder parent)
            throws LoadException {
        var token = json.currentToken();
        return switch (field.getJavaType()) {
            case MESSAGE -> {
                require(token == JsonToken.START_OBJECT, origin, json, field.getName() + " is an object");
                var nested = parent.newBuilderForField(field);
                message(origin, json, nested);
                yield nested.build();
            }
            case STRING -> {
                require(token == JsonToken.VALUE_STRING, origin, json, field.getName() + " is a string");
                yield json.getString();
            }
            case BYTE_STRING -> {
                require(token == JsonToken.VALUE_STRING, origin, json, field.getName() + " is a string");
                yield ByteString.copyFrom(Base64.getDecoder().decode(json.getString()));
            }
            case BOOLEAN -> {
                require(token.isBoolean(), origin, json, field.getName() + " is true or false");
                yield token == JsonToken.VALUE_TRUE;
            }
            case ENUM -> {
                var symbol =
                        token == JsonToken.VALUE_STRING ? field.getEnumType().findValueByName(json.getString()) : null;
                require(
                        symbol != null,
                        origin,
                        json,
                        field.getName() + " is one of " + field.getEnumType().getValues());
                yield Objects.requireNonNull(symbol);
            }
            case INT -> (int) whole(origin, json, field);
            case LONG -> whole(origin, json, field);
            case FLOAT -> {
                require(token.isNumeric(), origin, json, field.getName() + " is a number");
                yield json.getFloatValue();
            }
            case DOUBLE -> {
                require(token.isNumeric(), origin, json, field.getName() + " is a number");
                yield json.getDoubleValue();
            }
        };
    }

    /** A number, or one in quotes as 64-bit numbers often come. */
    private static long whole(String origin, JsonParser json, FieldDescriptor field) throws LoadException {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            try {
                return Long.parseLong(json.getString());
            } catch (NumberFormatException notANumber) {
                throw wrong(origin, json, field.getName() + " is a whole number, not '" + json.getString() + "'");
            }
        }
        require(
                json.currentToken() == JsonToken.VALUE_NUMBER_INT,
                origin,
                json,
                field.getName() + " is a whole number");
        return field.getJavaType() == FieldDescriptor.JavaType.INT ? json.getIntValue() : json.getLongValue();
    }

    private static void require(boolean fits, String origin, JsonParser json, String otherwise) throws LoadException {
        if (!fits) {
            throw wrong(origin, json, otherwise);
        }
    }
}
