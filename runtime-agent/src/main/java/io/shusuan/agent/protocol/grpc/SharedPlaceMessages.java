package io.shusuan.agent.protocol.grpc;

import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.grpc.proto.InferParameter;
import io.shusuan.agent.protocol.grpc.proto.ModelInferRequest;
import io.shusuan.agent.protocol.sharedmemory.SharedPlace;
import java.util.HashMap;
import java.util.Map;

/** Where in shared memory tensors are, from their parameters. */
final class SharedPlaceMessages {
    private static final String REGION = "shared_memory_region";

    private SharedPlaceMessages() {}

    static boolean isShared(Map<String, InferParameter> parameters) {
        return parameters.containsKey(REGION);
    }

    static SharedPlace read(Map<String, InferParameter> parameters) {
        var region = parameters.getOrDefault(REGION, InferParameter.getDefaultInstance());
        long size = number(parameters, "shared_memory_byte_size");
        if (!region.hasStringParam() || !parameters.containsKey("shared_memory_byte_size")) {
            throw ServingException.invalid("'shared_memory_byte_size' is necessary with 'shared_memory_region'");
        }
        return new SharedPlace(region.getStringParam(), number(parameters, "shared_memory_offset"), size);
    }

    private static long number(Map<String, InferParameter> parameters, String name) {
        var given = parameters.getOrDefault(name, InferParameter.getDefaultInstance());
        long value = given.hasUint64Param() ? given.getUint64Param() : given.getInt64Param();
        if (value < 0) {
            throw ServingException.invalid("'" + name + "' must not be negative");
        }
        return value;
    }

    /** Where a request wants its outputs, by their names. */
    static Map<String, SharedPlace> outputs(ModelInferRequest message) {
        if (message.getOutputsCount() == 0) {
            return Map.of();
        }
        var places = new HashMap<String, SharedPlace>();
        for (var output : message.getOutputsList()) {
            if (isShared(output.getParametersMap())) {
                places.put(output.getName(), read(output.getParametersMap()));
            }
        }
        return places;
    }
}
