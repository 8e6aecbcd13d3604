package io.shusuan.web.queue;

import io.shusuan.db.usage.Timeline;
import io.shusuan.db.usage.Timeline.Point;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A queue's GPUs over time as a drawing: a column for each step, of what was its own and of what was borrowed, and a line of what it owned.
 *
 * @param most what the height stands for
 * @param owned the line, as the path of an SVG; empty where it had no limit
 */
record UsageChart(Instant from, Instant to, long most, List<Column> columns, String owned, boolean anything) {

    static final int WIDTH = 1000;
    static final int HEIGHT = 200;

    /** Between two columns, in parts of one. */
    private static final double GAP = 0.15;

    /** A step: places in the drawing, and the numbers as people read them. */
    record Column(
            Instant at,
            String x,
            String width,
            String ownTop,
            String ownHeight,
            String borrowedTop,
            String borrowedHeight,
            String used,
            long peak,
            @Nullable String nominal,
            @Nullable String borrowed) {}

    static UsageChart of(Timeline timeline) {
        var points = timeline.points();
        var most = Math.max(1, (long) Math.ceil(points.stream()
                .mapToDouble(point -> Math.max(point.used(), Objects.requireNonNullElse(point.nominal(), 0.0)))
                .max()
                .orElse(1)));
        var width = (double) WIDTH / Math.max(1, points.size());
        var columns = new ArrayList<Column>();
        var owned = new StringBuilder();
        var drawing = false;
        for (var i = 0; i < points.size(); i++) {
            var point = points.get(i);
            columns.add(column(point, i * width, width, most));
            var nominal = point.nominal();
            if (nominal != null) {
                var height = text(HEIGHT - HEIGHT * nominal / most);
                owned.append(
                        "%s%s %s H%s ".formatted(drawing ? "L" : "M", text(i * width), height, text((i + 1) * width)));
            }
            drawing = nominal != null;
        }
        return new UsageChart(
                timeline.from(),
                timeline.to(),
                most,
                columns,
                owned.toString().strip(),
                points.stream().anyMatch(point -> point.peak() > 0));
    }

    private static Column column(Point point, double x, double width, long most) {
        var used = HEIGHT * point.used() / most;
        var borrowed = HEIGHT * Objects.requireNonNullElse(point.borrowed(), 0.0) / most;
        return new Column(
                point.at(),
                text(x + width * GAP / 2),
                text(width * (1 - GAP)),
                text(HEIGHT - used + borrowed),
                text(used - borrowed),
                text(HEIGHT - used),
                text(borrowed),
                number(point.used()),
                point.peak(),
                point.nominal() == null ? null : number(point.nominal()),
                point.borrowed() == null ? null : number(point.borrowed()));
    }

    private static String text(double place) {
        return String.format(Locale.ROOT, "%.2f", Math.max(0, place));
    }

    private static String number(double gpus) {
        return gpus == Math.rint(gpus) ? Long.toString((long) gpus) : String.format(Locale.ROOT, "%.2f", gpus);
    }
}
