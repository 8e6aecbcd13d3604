package io.shusuan.agent.protocol.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The header, and its value, without which a group of calls is refused. */
public record Restriction(String header, String value) {
    /** In a time that does not tell how much of the value is right. */
    boolean isMetBy(@Nullable String given) {
        return given != null
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Restriction[" + header + "]";
    }
}
