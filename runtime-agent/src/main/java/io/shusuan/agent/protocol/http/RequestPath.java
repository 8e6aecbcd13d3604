package io.shusuan.agent.protocol.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The segments of a request's path, decoded. */
final class RequestPath {
    private RequestPath() {}

    /** Null when the path is not one: no leading slash, an empty segment, or a broken escape. */
    static @Nullable List<String> parse(String uri) {
        int query = uri.indexOf('?');
        var path = query < 0 ? uri : uri.substring(0, query);
        if (!path.startsWith("/")) {
            return null;
        }
        var segments = new ArrayList<String>(6);
        int begin = 1;
        while (begin <= path.length()) {
            int end = path.indexOf('/', begin);
            if (end < 0) {
                end = path.length();
            }
            if (end == begin) {
                return null;
            }
            var segment = path.substring(begin, end);
            try {
                segments.add(
                        segment.indexOf('%') < 0
                                ? segment
                                : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException brokenEscape) {
                return null;
            }
            begin = end + 1;
        }
        return segments;
    }
}
