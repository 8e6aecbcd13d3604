package io.shusuan.agent.protocol.http;

import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.ServingException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the value of a parameter. */
final class ParameterJson {
    private ParameterJson() {}

    static Parameter read(JsonParser json, JsonToken value, String name) {
        return switch (value) {
            case VALUE_TRUE, VALUE_FALSE -> new Parameter.Flag(value == JsonToken.VALUE_TRUE);
            case VALUE_STRING -> new Parameter.Text(json.getString());
            case VALUE_NUMBER_INT -> whole(json, name);
            case VALUE_NUMBER_FLOAT -> new Parameter.Real(json.getDoubleValue());
            default ->
                throw ServingException.invalid("parameter '" + name
                        + "' has invalid type. It should be either 'int', 'bool', 'double' or 'string'.");
        };
    }

    private static Parameter whole(JsonParser json, String name) {
        var number = json.getBigIntegerValue();
        if (number.bitLength() < Long.SIZE) {
            return new Parameter.Whole(number.longValue());
        }
        if (number.signum() > 0 && number.bitLength() == Long.SIZE) {
            return new Parameter.Unsigned(number.longValue());
        }
        throw ServingException.invalid("parameter '" + name + "' does not fit 64 bits");
    }
}
