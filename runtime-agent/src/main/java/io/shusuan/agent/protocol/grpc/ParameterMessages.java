package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.inference.Parameter;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.GivenParameters;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;

/** Parameters from messages and into them. */
final class ParameterMessages {
    private ParameterMessages() {}

    static GivenParameters read(ModelInferRequest message) {
        var parameters = new GivenParameters();
        message.getParametersMap().forEach((name, value) -> {
            // the Python client puts it here for the sake of HTTP
            if (!name.equals("binary_data_output")) {
                parameters.add(name, read(name, value));
            }
        });
        return parameters;
    }

    private static Parameter read(String name, InferParameter value) {
        return switch (value.getParameterChoiceCase()) {
            case BOOL_PARAM -> new Parameter.Flag(value.getBoolParam());
            case INT64_PARAM -> new Parameter.Whole(value.getInt64Param());
            case STRING_PARAM -> new Parameter.Text(value.getStringParam());
            case DOUBLE_PARAM -> new Parameter.Real(value.getDoubleParam());
            case UINT64_PARAM -> new Parameter.Unsigned(value.getUint64Param());
            case PARAMETERCHOICE_NOT_SET -> throw ServingException.invalid("the parameter '" + name + "' has no value");
        };
    }

    static InferParameter write(Parameter value) {
        var message = InferParameter.newBuilder();
        return switch (value) {
            case Parameter.Flag flag -> message.setBoolParam(flag.value()).build();
            case Parameter.Whole number -> message.setInt64Param(number.value()).build();
            case Parameter.Text text -> message.setStringParam(text.value()).build();
            case Parameter.Real number -> message.setDoubleParam(number.value()).build();
            case Parameter.Unsigned number ->
                message.setUint64Param(number.value()).build();
        };
    }

    static InferParameter text(String value) {
        return InferParameter.newBuilder().setStringParam(value).build();
    }

    static InferParameter whole(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }
}
