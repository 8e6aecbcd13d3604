package io.shusuan.agent.protocol.grpc.transport;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How long a caller waits, from the header in which it says so: at most eight digits and a unit. */
final class Timeout {
    private Timeout() {}

    /** In nanoseconds; null when the header is not there, or is none. */
    static @Nullable Long nanos(@Nullable CharSequence header) {
        if (header == null || header.length() < 2 || header.length() > 9) {
            return null;
        }
        int digits = header.length() - 1;
        long count = 0;
        for (int i = 0; i < digits; i++) {
            int digit = header.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            count = count * 10 + digit;
        }
        var unit = switch (header.charAt(digits)) {
            case 'H' -> TimeUnit.HOURS;
            case 'M' -> TimeUnit.MINUTES;
            case 'S' -> TimeUnit.SECONDS;
            case 'm' -> TimeUnit.MILLISECONDS;
            case 'u' -> TimeUnit.MICROSECONDS;
            case 'n' -> TimeUnit.NANOSECONDS;
            default -> null;
        };
        return unit == null ? null : unit.toNanos(count);
    }
}
