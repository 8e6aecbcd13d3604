package io.shusuan.scheduler.spec;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.regex.Pattern;

/** Readings of spans of time, as people write them: one number and one unit. */
final class Durations {

    private static final Pattern SPELLING = Pattern.compile("([1-9][0-9]{0,8})([smhd])");

    private Durations() {}

    static Reading<Duration> upTo(Duration most) {
        var allowed =
                "a whole number and s, m, h or d, such as 90s, 30m, 8h or 2d, at most %dd".formatted(most.toDays());
        return field -> {
            if (!(field.node() instanceof Node.Scalar scalar)) {
                return field.mustBe(FaultCode.WRONG_TYPE, allowed, null);
            }
            var spelled = SPELLING.matcher(scalar.text());
            if (!spelled.matches()) {
                return field.mustBe(FaultCode.BAD_FORMAT, allowed, null);
            }
            var duration = Duration.of(Long.parseLong(spelled.group(1)), unit(spelled.group(2)));
            return duration.compareTo(most) <= 0
                    ? Optional.of(duration)
                    : field.mustBe(FaultCode.OUT_OF_RANGE, allowed, null);
        };
    }

    private static ChronoUnit unit(String letter) {
        return switch (letter) {
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            default -> ChronoUnit.DAYS;
        };
    }
}
