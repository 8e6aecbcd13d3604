package io.shusuan.api.serving;

import io.shusuan.api.request.RequestId;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.MessageHeaders;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Which headers go on and which end here. The replica runs what some user wrote: the caller's token and cookies are none of
 * its business, and neither are the portal's cookies and the rules of its origin for it to set. It is told who calls.
 */
final class PassedHeaders {

    static final String USER = "X-Shusuan-User";

    /** Between two neighbours only (RFC 9110, 7.6.1). */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /** Said anew here, or not for the replica. */
    private static final Set<String> NOT_FOR_REPLICAS = Set.of(
            "host",
            "content-length",
            "expect",
            "authorization",
            "cookie",
            "x-csrf-token",
            "x-xsrf-token",
            "forwarded",
            "x-real-ip",
            "x-request-id");

    /** A replica answers under the platform's own origin; what would change that origin does not come from it. */
    private static final Set<String> NOT_FROM_REPLICAS =
            Set.of("set-cookie", "clear-site-data", "service-worker-allowed", "strict-transport-security", "alt-svc");

    private PassedHeaders() {}

    static HttpHeaders toReplica(HttpServletRequest request, ServePath path, @Nullable String user) {
        var named = namedBy(Collections.list(request.getHeaders(HttpHeaders.CONNECTION)));
        var headers = new HttpHeaders();
        for (var name : Collections.list(request.getHeaderNames())) {
            var key = name.toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(key)
                    && !NOT_FOR_REPLICAS.contains(key)
                    && !named.contains(key)
                    && !key.startsWith("x-forwarded-")
                    && !key.startsWith("x-shusuan-")) {
                headers.addAll(name, Collections.list(request.getHeaders(name)));
            }
        }
        headers.set("X-Forwarded-For", request.getRemoteAddr());
        headers.set("X-Forwarded-Proto", request.getScheme());
        headers.set("X-Forwarded-Host", request.getServerName());
        headers.set("X-Forwarded-Port", Integer.toString(request.getServerPort()));
        headers.set("X-Forwarded-Prefix", path.prefix());
        if (user != null) {
            headers.set(USER, user);
        }
        var id = RequestId.of(request);
        if (id != null) {
            headers.set(RequestId.HEADER, id);
        }
        return headers;
    }

    static void fromReplica(MessageHeaders answer, HttpHeaders headers) {
        var named = namedBy(Stream.of(answer.getHeaders(HttpHeaders.CONNECTION))
                .map(Header::getValue)
                .toList());
        for (var header : answer.getHeaders()) {
            var key = header.getName().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(key) && !NOT_FROM_REPLICAS.contains(key) && !named.contains(key)) {
                headers.add(header.getName(), header.getValue());
            }
        }
        // A page of a replica is shown as if it came from nowhere: its scripts do not act as whoever looks at it.
        headers.add(
                "Content-Security-Policy",
                "sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads");
    }

    private static Set<String> namedBy(List<String> connection) {
        return connection.stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
    }
}
