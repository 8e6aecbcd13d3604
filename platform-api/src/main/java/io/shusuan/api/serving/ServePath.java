package io.shusuan.api.serving;

import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.scheduler.cluster.Attempt.Endpoint;
import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** An address below {@code /serve}: the job it names, and what follows, still encoded as it came. */
record ServePath(String job, String rest) {

    private static final String PREFIX = "/serve/";

    static ServePath of(String rawPath, @Nullable String rawQuery) {
        var tail = rawPath.substring(rawPath.indexOf(PREFIX) + PREFIX.length());
        var query = rawQuery == null ? "" : "?" + rawQuery;
        var slash = tail.indexOf('/');
        return slash < 0
                ? new ServePath(tail, "/" + query)
                : new ServePath(tail.substring(0, slash), tail.substring(slash) + query);
    }

    /** Where the request goes at a replica. */
    URI at(String scheme, Endpoint replica) {
        try {
            return new URI("%s://%s:%d%s".formatted(scheme, host(replica), replica.port(), rest));
        } catch (URISyntaxException wrong) {
            throw new ProblemException(
                    ProblemKind.BAD_REQUEST,
                    "the address behind the job's name is not well encoded: %s".formatted(wrong.getReason()));
        }
    }

    private static String host(Endpoint replica) {
        var host = replica.host();
        return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /** What the replica's own root is called from outside. */
    String prefix() {
        return PREFIX + job;
    }
}
