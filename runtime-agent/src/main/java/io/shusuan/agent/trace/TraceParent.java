package io.shusuan.agent.trace;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The caller's place in a distributed trace, as W3C's Trace Context writes it. */
record TraceParent(String traceId, String spanId, boolean sampled) {
    static final String HEADER = "traceparent";
    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");
    private static final int SAMPLED = 1;

    /** Null when there is none, or one that the recommendation says is to be ignored. */
    static @Nullable TraceParent read(@Nullable String header) {
        if (header == null) {
            return null;
        }
        var parts = FORM.matcher(header.strip());
        if (!parts.matches()) {
            return null;
        }
        var version = parts.group(1);
        boolean more = parts.group(5) != null;
        if (version.equals("ff")
                || (version.equals("00") && more)
                || isZero(parts.group(2))
                || isZero(parts.group(3))) {
            return null;
        }
        boolean sampled = (Integer.parseInt(parts.group(4), 16) & SAMPLED) != 0;
        return new TraceParent(parts.group(2), parts.group(3), sampled);
    }

    private static boolean isZero(String id) {
        return id.chars().allMatch(digit -> digit == '0');
    }
}
