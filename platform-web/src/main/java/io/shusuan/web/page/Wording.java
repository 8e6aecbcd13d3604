package io.shusuan.web.page;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Times and amounts as templates write them. Browsers then put times in their own time zone and let them tick. */
@Component("wording")
class Wording {

    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    private final Clock clock;

    Wording(Clock clock) {
        this.clock = clock;
    }

    public String utc(Instant at) {
        return UTC.format(at);
    }

    /** How long something took, or takes until now: {@code 42s}, {@code 3m 07s}, {@code 2h 05m}, {@code 4d 03h}. */
    public String between(Instant from, @Nullable Instant to) {
        return counted(Duration.between(from, to == null ? clock.instant() : to));
    }

    /** A length that somebody has chosen: {@code 20m}, {@code 2h 05m}. */
    public String length(Duration chosen) {
        return counted(chosen).replaceFirst(" 00[hms]$", "");
    }

    private static String counted(Duration took) {
        if (took.toDays() > 0) {
            return "%dd %02dh".formatted(took.toDays(), took.toHoursPart());
        }
        if (took.toHours() > 0) {
            return "%dh %02dm".formatted(took.toHours(), took.toMinutesPart());
        }
        if (took.toMinutes() > 0) {
            return "%dm %02ds".formatted(took.toMinutes(), took.toSecondsPart());
        }
        return Math.max(0, took.toSeconds()) + "s";
    }

    public String memory(long mebibytes) {
        if (mebibytes < 1024) {
            return mebibytes + " MiB";
        }
        return mebibytes % 1024 == 0
                ? mebibytes / 1024 + " GiB"
                : String.format(Locale.ROOT, "%.1f GiB", mebibytes / 1024.0);
    }

    public String bytes(long bytes) {
        return memory(bytes >> 20);
    }
}
