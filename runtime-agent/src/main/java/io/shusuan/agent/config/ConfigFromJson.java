package io.shusuan.agent.config;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Reads a configuration that a caller sends as JSON: what the configuration route writes, or a part of it. */
public final class ConfigFromJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ConfigFromJson() {}

    /**
     * @throws LoadException naming the field, or the place where the text is not JSON
     */
    public static ModelConfig read(String text) throws LoadException {
        var config = ModelConfig.newBuilder();
        try (var json = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new LoadException("the configuration given is not a JSON object");
            }
            members(json, config, "");
            return config.build();
        } catch (JacksonException wrong) {
            throw new LoadException("the configuration given is not JSON: " + wrong.getOriginalMessage(), wrong);
        } catch (IllegalArgumentException wrong) {
            throw new LoadException("the configuration given cannot be read: " + wrong.getMessage(), wrong);
        }
    }

    private static void members(JsonParser json, Message.Builder message, String path) throws LoadException {
        var type = message.getDescriptorForType();
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = json.currentName();
            var at = path.isEmpty() ? name : path + "." + name;
            var field = type.findFieldByName(name);
            if (field == null) {
                throw new LoadException("the configuration given has the field '" + at + "', which " + type.getName()
                        + " does not have");
            }
            var token = json.nextToken();
            if (token == JsonToken.VALUE_NULL) {
                continue;
            }
            if (field.isMapField()) {
                require(token == JsonToken.START_OBJECT, at, "an object");
                entries(json, message, field, at);
            } else if (field.isRepeated()) {
                require(token == JsonToken.START_ARRAY, at, "an array");
                for (var next = json.nextToken(); next != JsonToken.END_ARRAY; next = json.nextToken()) {
                    message.addRepeatedField(field, value(json, next, field, message, at));
                }
            } else {
                message.setField(field, value(json, token, field, message, at));
            }
        }
    }

    private static void entries(JsonParser json, Message.Builder message, FieldDescriptor field, String at)
            throws LoadException {
        var key = field.getMessageType().findFieldByName("key");
        var value = field.getMessageType().findFieldByName("value");
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            var entry = message.newBuilderForField(field);
            var name = json.currentName();
            entry.setField(
                    key, key.getJavaType() == FieldDescriptor.JavaType.STRING ? name : (Object) Long.valueOf(name));
            entry.setField(value, value(json, json.nextToken(), value, entry, at + "." + name));
            message.addRepeatedField(field, entry.build());
        }
    }

    private static Object value(JsonParser json, JsonToken token, FieldDescriptor field, Message.Builder in, String at)
            throws LoadException {
        return switch (field.getJavaType()) {
            case MESSAGE -> {
                require(token == JsonToken.START_OBJECT, at, "an object");
                var nested = in.newBuilderForField(field);
                members(json, nested, at);
                yield nested.build();
            }
            case ENUM -> {
                require(
                        token == JsonToken.VALUE_STRING,
                        at,
                        "one of " + field.getEnumType().getValues());
                yield known(field.getEnumType().findValueByName(json.getString()), field, at);
            }
            case STRING -> {
                require(token == JsonToken.VALUE_STRING, at, "a string");
                yield json.getString();
            }
            case BOOLEAN -> {
                require(token.isBoolean(), at, "true or false");
                yield token == JsonToken.VALUE_TRUE;
            }
            case INT -> Math.toIntExact(number(json, token, at));
            case LONG -> number(json, token, at);
            case FLOAT -> (float) real(json, token, at);
            case DOUBLE -> real(json, token, at);
            case BYTE_STRING -> {
                require(token == JsonToken.VALUE_STRING, at, "base64");
                yield ByteString.copyFrom(Base64.getDecoder().decode(json.getString()));
            }
        };
    }

    private static Object known(@Nullable Object symbol, FieldDescriptor field, String at) throws LoadException {
        require(symbol != null, at, "one of " + field.getEnumType().getValues());
        return Objects.requireNonNull(symbol);
    }

    /** 64-bit numbers may be written as strings, as JSON from protocol buffers has them. */
    private static long number(JsonParser json, JsonToken token, String at) throws LoadException {
        require(token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_STRING, at, "a whole number");
        return Long.parseLong(json.getString());
    }

    private static double real(JsonParser json, JsonToken token, String at) throws LoadException {
        require(token.isNumeric(), at, "a number");
        return json.getDoubleValue();
    }

    private static void require(boolean fits, String at, String wanted) throws LoadException {
        if (!fits) {
            throw new LoadException("the field '" + at + "' of the configuration given must be " + wanted);
        }
    }
}
