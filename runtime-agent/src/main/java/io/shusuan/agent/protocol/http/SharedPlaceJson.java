package io.shusuan.agent.protocol.http;

import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.protocol.sharedmemory.SharedPlace;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Gathers where in shared memory a tensor is, from the members of its {@code parameters}. */
final class SharedPlaceJson {
    private @Nullable String region;
    private long offset;
    private long byteSize = -1;

    /** Reads a member if it is one of those; false leaves it to the caller. */
    boolean member(JsonParser json, String name, JsonToken value) {
        switch (name) {
            case "shared_memory_region" -> region = InferJson.text(json, value, name);
            case "shared_memory_offset" -> offset = InferJson.unsigned(json, value, name);
            case "shared_memory_byte_size" -> byteSize = InferJson.unsigned(json, value, name);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Empty when no region was named. */
    Optional<SharedPlace> read() {
        var named = region;
        if (named == null) {
            return Optional.empty();
        }
        if (byteSize < 0) {
            throw ServingException.invalid("'shared_memory_byte_size' is necessary with 'shared_memory_region'");
        }
        return Optional.of(new SharedPlace(named, offset, byteSize));
    }
}
