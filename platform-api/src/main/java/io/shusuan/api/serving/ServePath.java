package io.shusuan.api.serving;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/** A path below {@code /serve}: the job it names, and what follows, still encoded as it came. */
record ServePath(String job, String rest) {

    private static final String PREFIX = "/serve/";

    static ServePath of(String rawPath) {
        var tail = rawPath.substring(rawPath.indexOf(PREFIX) + PREFIX.length());
        var slash = tail.indexOf('/');
        return slash < 0 ? new ServePath(tail, "/") : new ServePath(tail.substring(0, slash), tail.substring(slash));
    }

    /** Where the request goes at a replica. */
    URI at(String scheme, String host, int port, @Nullable String rawQuery) {
        return URI.create("%s://%s:%d%s%s".formatted(scheme, host, port, rest, rawQuery == null ? "" : "?" + rawQuery));
    }
}
