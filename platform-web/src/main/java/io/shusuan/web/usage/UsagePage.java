package io.shusuan.web.usage;

import io.shusuan.db.usage.Grouping;
import io.shusuan.db.usage.Period;
import io.shusuan.db.usage.Usage;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the page of accounts shows.
 *
 * @param cut whether there are more lines than are shown
 * @param measured the key of what bars are long for: GPU-hours, or CPU-hours where nobody has held a GPU
 */
record UsagePage(
        Period period, Grouping by, Line total, boolean cut, String measured, List<Line> lines, List<Day> days) {

    /**
     * A sum.
     *
     * @param gone whether it is of a job that was deleted, which accounts outlive
     * @param share how it compares with the largest one, in percent
     */
    record Line(
            String key,
            @Nullable String name,
            boolean gone,
            long jobs,
            String gpuHours,
            String cpuHours,
            String memoryHours,
            String wasted,
            String charged,
            long share) {}

    /** A day of the period, with what was held on it, in percent of the day with most of it. */
    record Day(LocalDate date, String hours, long share) {}

    private static final int LINES = 100;

    /** As many lines as have to be known. */
    static final int ENOUGH = LINES + 1;

    /** @param gone says whether there is nothing any more where the key of a line would lead */
    static UsagePage of(Period period, Grouping by, List<Usage> known, List<Usage> days, Predicate<String> gone) {
        var lines = known.subList(0, Math.min(known.size(), LINES));
        boolean anyGpu = days.stream().anyMatch(day -> day.gpuHours() > 0);
        ToDoubleFunction<Usage> measure = anyGpu ? Usage::gpuHours : Usage::cpuHours;
        double longest = lines.stream().mapToDouble(measure).max().orElse(0);
        return new UsagePage(
                period,
                by,
                line(sum(days), false, 0),
                known.size() > LINES,
                anyGpu ? "usage.gpuHours" : "usage.cpuHours",
                lines.stream()
                        .map(each -> line(each, gone.test(each.key()), share(measure.applyAsDouble(each), longest)))
                        .toList(),
                days(period, days, measure));
    }

    private static List<Day> days(Period period, List<Usage> held, ToDoubleFunction<Usage> measure) {
        Map<String, Usage> known = held.stream().collect(Collectors.toMap(Usage::key, Function.identity()));
        double highest = held.stream().mapToDouble(measure).max().orElse(0);
        return period.first()
                .datesUntil(period.last().plusDays(1))
                .map(date -> {
                    var day = known.get(date.toString());
                    double hours = day == null ? 0 : measure.applyAsDouble(day);
                    return new Day(date, text(hours), share(hours, highest));
                })
                .toList();
    }

    private static Usage sum(List<Usage> lines) {
        return new Usage(
                "",
                null,
                lines.stream().mapToLong(Usage::jobs).sum(),
                lines.stream().mapToDouble(Usage::gpuHours).sum(),
                lines.stream().mapToDouble(Usage::cpuHours).sum(),
                lines.stream().mapToDouble(Usage::memoryGBHours).sum(),
                lines.stream().mapToDouble(Usage::wastedGpuHours).sum(),
                lines.stream().mapToDouble(Usage::chargedGpuHours).sum());
    }

    private static Line line(Usage usage, boolean gone, long share) {
        return new Line(
                usage.key(),
                usage.name(),
                gone,
                usage.jobs(),
                text(usage.gpuHours()),
                text(usage.cpuHours()),
                text(usage.memoryGBHours()),
                text(usage.wastedGpuHours()),
                text(usage.chargedGpuHours()),
                share);
    }

    private static long share(double hours, double most) {
        return most == 0 ? 0 : Math.round(100 * hours / most);
    }

    /** Large amounts need no fractions, small ones are nothing without them. */
    private static String text(double hours) {
        return hours == 0
                ? "0"
                : String.format(Locale.ROOT, hours >= 100 ? "%,.0f" : hours >= 10 ? "%.1f" : "%.2f", hours);
    }
}
