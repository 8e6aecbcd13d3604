package io.shusuan.api.usage;

import io.shusuan.api.problem.Excerpt;
import io.shusuan.api.problem.ProblemException;
import io.shusuan.api.problem.ProblemKind;
import io.shusuan.db.usage.Accounts;
import io.shusuan.db.usage.Grouping;
import io.shusuan.db.usage.Period;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which accounts are asked for, as it stands in an address.
 *
 * @param by queue, user, job, flavour or day; a queue if it is missing
 * @param from the first day; the first of the last day's month if it is missing
 * @param to the last day; today if it is missing
 * @param zone whose days; UTC if it is missing
 */
public record UsageQuery(
        @Nullable String by,
        @Nullable String from,
        @Nullable String to,
        @Nullable String zone,
        @Nullable String queue,
        @Nullable String user) {

    private static final ZoneId UTC = ZoneId.of("UTC");

    public UsageQuery {
        by = given(by);
        from = given(from);
        to = given(to);
        zone = given(zone);
        queue = given(queue);
        user = given(user);
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    public Grouping grouping() {
        if (by == null) {
            return Grouping.QUEUE;
        }
        return Arrays.stream(Grouping.values())
                .filter(each -> each.name().equalsIgnoreCase(by))
                .findFirst()
                .orElseThrow(() -> wrong(
                        "by",
                        by,
                        Arrays.stream(Grouping.values())
                                .map(each -> each.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ", "one of ", ""))));
    }

    /** @throws ProblemException that says which parameter is wrong and what is allowed */
    public Period period(Instant now) {
        ZoneId days = timeZone();
        var today = LocalDate.ofInstant(now, days);
        var last = to == null ? today : date("to", to);
        var first = from == null ? last.withDayOfMonth(1) : date("from", from);
        try {
            return new Period(first, last, days);
        } catch (IllegalArgumentException unusable) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "the period is wrong: " + unusable.getMessage());
        }
    }

    public Accounts.Filter filter() {
        if ((queue != null && queue.indexOf('\0') >= 0) || (user != null && user.indexOf('\0') >= 0)) {
            throw new ProblemException(ProblemKind.BAD_REQUEST, "a filter has the character U+0000: remove it");
        }
        return new Accounts.Filter(queue, user);
    }

    private ZoneId timeZone() {
        if (zone == null) {
            return UTC;
        }
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException unknown) {
            throw wrong("zone", zone, "a time zone such as Asia/Shanghai or +08:00");
        }
    }

    private static LocalDate date(String parameter, String text) {
        try {
            var date = LocalDate.parse(text);
            if (date.getYear() < 1970 || date.getYear() > 9998) {
                throw wrong(parameter, text, "a day from 1970 to 9998");
            }
            return date;
        } catch (DateTimeException malformed) {
            throw wrong(parameter, text, "a day such as 2026-11-30");
        }
    }

    private static ProblemException wrong(String parameter, String text, String allowed) {
        return new ProblemException(
                ProblemKind.BAD_REQUEST, "%s is '%s'; give %s".formatted(parameter, Excerpt.of(text), allowed));
    }
}
