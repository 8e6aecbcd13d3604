package io.shusuan.scheduler.simulation;

import io.shusuan.scheduler.simulation.Days.Hour;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Three drawings above each other, over the hours: the GPUs of each team, how long those waited who started, and how fair that was. As SVG. */
final class Plot {

    private static final int LEFT = 60;
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 200;
    private static final int TITLE = 30;
    private static final List<String> COLOURS =
            List.of("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f");

    private final List<Hour> hours;
    private final StringBuilder svg = new StringBuilder();
    private int top;

    private Plot(List<Hour> hours) {
        this.hours = hours;
    }

    static String svg(List<Hour> hours, long gpus) {
        return new Plot(hours).draw(gpus);
    }

    private String draw(long gpus) {
        add(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' font-family='sans-serif' font-size='12'>",
                LEFT + WIDTH + 20, 3 * (TITLE + HEIGHT + 10) + 30);
        add("<rect width='100%%' height='100%%' fill='#fff'/>");
        begin("GPUs in use, by team", Long.toString(gpus));
        for (var team = Load.TEAMS - 1; team >= 0; team--) {
            var last = team;
            area(COLOURS.get(team), hour -> (double) upTo(hour, last) / gpus);
        }
        teams();
        var longest = Math.max(
                1,
                hours.stream()
                        .mapToLong(hour -> hour.longWait().toMinutes())
                        .max()
                        .orElse(0));
        begin(
                "How long those had waited who started in the hour: median (line), nine of ten less than (area)",
                hours(longest));
        area("#cfd8dc", hour -> (double) hour.longWait().toMinutes() / longest);
        line("#37474f", hour -> (double) hour.medianWait().toMinutes() / longest);
        begin("Fairness among the teams that wait: 1 if all of them have the same", "1");
        line("#00695c", Hour::fairness);
        days();
        return svg.append("</svg>\n").toString();
    }

    private static String hours(long minutes) {
        return "%d:%02d h".formatted(minutes / 60, minutes % 60);
    }

    private void add(String element, Object... values) {
        svg.append(String.format(Locale.ROOT, element.replace('\'', '"'), values))
                .append('\n');
    }

    private void begin(String title, String most) {
        top += TITLE;
        add("<text x='%d' y='%d' font-weight='bold'>%s</text>", LEFT, top - 8, title);
        add("<text x='%d' y='%d' text-anchor='end'>%s</text>", LEFT - 6, top + 10, most);
        add("<text x='%d' y='%d' text-anchor='end'>0</text>", LEFT - 6, top + HEIGHT);
        add("<rect x='%d' y='%d' width='%d' height='%d' fill='none' stroke='#b0bec5'/>", LEFT, top, WIDTH, HEIGHT);
        top += HEIGHT + 10;
    }

    private void area(String colour, ToDoubleFunction<Hour> part) {
        add(
                "<polygon fill='%s' points='%d,%d%s %d,%d'/>",
                colour, LEFT, top - 10, points(part), LEFT + WIDTH, top - 10);
    }

    private void line(String colour, ToDoubleFunction<Hour> part) {
        add("<polyline fill='none' stroke='%s' stroke-width='1.5' points='%s'/>", colour, points(part));
    }

    private String points(ToDoubleFunction<Hour> part) {
        var points = new StringBuilder();
        for (var i = 0; i < hours.size(); i++) {
            points.append(
                    String.format(Locale.ROOT, " %d,%.1f", x(i), top - 10 - HEIGHT * part.applyAsDouble(hours.get(i))));
        }
        return points.toString();
    }

    private int x(int hour) {
        return LEFT + (hours.size() < 2 ? 0 : hour * WIDTH / (hours.size() - 1));
    }

    private void teams() {
        for (var team = 0; team < Load.TEAMS; team++) {
            var x = LEFT + WIDTH - (Load.TEAMS - team) * 70;
            add("<text x='%d' y='%d' fill='%s'>%s</text>", x, TITLE - 8, COLOURS.get(team), Load.team(team));
        }
    }

    private void days() {
        var days = Math.max(1, hours.size() / 24);
        for (var day = 0; day <= days; day += Math.max(1, days / 14)) {
            var hour = Math.min(day * 24, hours.size() - 1);
            add("<text x='%d' y='%d' text-anchor='middle'>day %d</text>", x(hour), top + 10, day);
        }
    }

    private static long upTo(Hour hour, int last) {
        var gpus = 0L;
        for (var team = 0; team <= last; team++) {
            gpus += hour.gpus().getOrDefault(Load.team(team), 0L);
        }
        return gpus;
    }
}
