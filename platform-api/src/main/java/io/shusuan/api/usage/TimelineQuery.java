package io.shusuan.api.usage;

import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.usage.Timeline;
import io.shusuan.db.usage.Timelines;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a queue's time is asked for, as it stands in an address.
 *
 * @param from such as 2026-11-01T00:00:00Z; a week before its end, if it is missing
 * @param to now, if it is missing or later
 * @param resolution of one point, such as 15m, 1h or 1d; 1h, if it is missing
 */
public record TimelineQuery(
        @Nullable String from,
        @Nullable String to,
        @Nullable String resolution) {

    private static final Pattern STEP = Pattern.compile("([1-9]\\d{0,3})([mhd])");
    private static final Duration LONGEST = Duration.ofDays(400);
    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");

    /** @throws ProblemException that says which parameter is wrong and what is allowed */
    public Timeline read(Timelines timelines, QueueName queue, Instant now) {
        var step = step();
        var asked = to == null || to.isBlank() ? now : time("to", to);
        var end = (asked.isAfter(now) ? now : asked).truncatedTo(ChronoUnit.SECONDS);
        var begin = from == null || from.isBlank()
                ? end.minus(Duration.ofDays(7))
                : time("from", from).truncatedTo(ChronoUnit.SECONDS);
        if (!begin.isBefore(end)) {
            throw wrong("it begins at %s and ends at %s: give a from before to and before now".formatted(begin, end));
        }
        var length = Duration.between(begin, end);
        if (length.compareTo(LONGEST) > 0) {
            throw wrong(
                    "it has %d days; at most %d can be asked for at once".formatted(length.toDays(), LONGEST.toDays()));
        }
        var points = Math.ceilDiv(length.toSeconds(), step.toSeconds());
        if (points > Timeline.MOST_POINTS) {
            throw wrong("it has %d points; at most %d can be asked for at once: give a longer resolution, or less time"
                    .formatted(points, Timeline.MOST_POINTS));
        }
        try {
            return timelines.of(queue, begin, end, step);
        } catch (Timelines.TooMuchException tooMuch) {
            throw wrong(String.valueOf(tooMuch.getMessage()));
        }
    }

    private Duration step() {
        if (resolution == null || resolution.isBlank()) {
            return Duration.ofHours(1);
        }
        var parts = STEP.matcher(resolution.strip());
        if (!parts.matches()) {
            throw wrong("resolution is '%s'; give minutes, hours or days, such as 15m, 1h or 1d"
                    .formatted(Excerpt.of(resolution)));
        }
        var number = Integer.parseInt(parts.group(1));
        return switch (parts.group(2)) {
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    private static Instant time(String parameter, String text) {
        try {
            var time = Instant.parse(text.strip());
            if (!time.isBefore(EARLIEST) && time.isBefore(EARLIEST.plus(Duration.ofDays(365L * 8000)))) {
                return time;
            }
        } catch (DateTimeParseException malformed) {
            // It is told below.
        }
        throw wrong("%s is '%s'; give a time such as 2026-11-01T00:00:00Z".formatted(parameter, Excerpt.of(text)));
    }

    private static ProblemException wrong(String sentence) {
        return new ProblemException(ProblemKind.BAD_REQUEST, "the period is wrong: " + sentence);
    }
}
