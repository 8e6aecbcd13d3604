package io.shusuan.db.usage;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Whole days, as they are in a time zone, the first and the last included. */
public record Period(LocalDate first, LocalDate last, ZoneId zone) {

    /** More than a year at once is asked for by mistake, or by somebody who wants the server to be busy. */
    public static final int MOST_DAYS = 400;

    public Period {
        if (last.isBefore(first)) {
            throw new IllegalArgumentException("it ends on %s, before its first day %s".formatted(last, first));
        }
        long days = ChronoUnit.DAYS.between(first, last) + 1;
        if (days > MOST_DAYS) {
            throw new IllegalArgumentException(
                    "it has %d days; at most %d can be asked for at once".formatted(days, MOST_DAYS));
        }
    }

    /** The present month up to today. */
    public static Period thisMonth(Instant now, ZoneId zone) {
        var today = LocalDate.ofInstant(now, zone);
        return new Period(today.withDayOfMonth(1), today, zone);
    }

    /** In days. */
    public int length() {
        return (int) ChronoUnit.DAYS.between(first, last) + 1;
    }

    List<LocalDate> days() {
        return first.datesUntil(last.plusDays(1)).toList();
    }

    Instant ends() {
        return beginOf(last.plusDays(1));
    }

    /** Where clocks are put forward at midnight, a day begins at one. */
    Instant beginOf(LocalDate day) {
        return day.atStartOfDay(zone).toInstant();
    }
}
