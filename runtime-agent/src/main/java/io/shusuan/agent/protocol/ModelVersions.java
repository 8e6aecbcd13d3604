package io.shusuan.agent.protocol;

import io.shusuan.agent.inference.ServingException;
import org.jspecify.annotations.Nullable;

/** Versions as callers write them. */
public final class ModelVersions {
    private ModelVersions() {}

    /** The number of a version; 0, the newest, when none is given. */
    public static long parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return 0;
        }
        try {
            long version = Long.parseLong(text);
            if (version > 0) {
                return version;
            }
        } catch (NumberFormatException notANumber) {
            // answered below, with zero and the negative ones
        }
        throw ServingException.invalid("failed to get model version from specified version string '" + text
                + "', version should be an integral value > 0");
    }
}
