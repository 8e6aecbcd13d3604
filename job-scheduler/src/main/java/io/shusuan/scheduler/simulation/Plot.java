package io.shusuan.scheduler.simulation;

import io.shusuan.scheduler.simulation.Days.Hour;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/** Three drawings above each other, over the hours: the GPUs of each team, how long those waited who started, and how fair that was. As SVG. */
final class Plot {

    private static final int LEFT = 60;
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 200;
    private static final int TITLE = 30;
    private static final List<String> COLOURS =
            List.of("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f");

    private static final int PARTS = 4;

    /** Of minutes: what the top of the axis of waits may be, so that its quarters are whole. */
    private static final List<Long> ROUND =
            List.of(4L, 20L, 60L, 120L, 240L, 480L, 720L, 1440L, 2880L, 5760L, 11520L, 23040L);

    private static final String STYLE = """
            <style>
            .ground{fill:#fff} .ink{fill:#263238} .frame{fill:none;stroke:#90a4ae} .grid{stroke:#90a4ae;stroke-opacity:.35}
            .wide{fill:#cfd8dc} .middle{fill:none;stroke:#37474f;stroke-width:1.5} .fair{fill:none;stroke:#00796b;stroke-width:1.5}
            @media (prefers-color-scheme:dark){.ground{fill:#10181c} .ink{fill:#e3eaed} .wide{fill:#37474f} .middle{stroke:#eceff1} .fair{stroke:#4db6ac}}
            </style>""";

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
        add("%s", STYLE);
        add("<rect class='ground' width='100%%' height='100%%'/>");
        begin("GPUs in use, by team", part -> Long.toString(Math.round(gpus * part)));
        for (var team = Load.TEAMS - 1; team >= 0; team--) {
            var last = team;
            area("fill='%s'".formatted(COLOURS.get(team)), hour -> (double) upTo(hour, last) / gpus);
        }
        grid();
        teams();
        var longest = hours.stream()
                .mapToLong(hour -> hour.longWait().toMinutes())
                .max()
                .orElse(0);
        var most = ROUND.stream().filter(each -> each >= longest).findFirst().orElse(longest);
        begin(
                "How long those had waited who started in the hour: median (line), nine of ten less than (area)",
                part -> hours(Math.round(most * part)));
        area("class='wide'", hour -> (double) hour.longWait().toMinutes() / most);
        grid();
        line("middle", hour -> (double) hour.medianWait().toMinutes() / most);
        begin(
                "Fairness among the teams that wait: 1 if all of them have the same",
                part -> String.format(Locale.ROOT, "%.2f", part));
        grid();
        line("fair", Hour::fairness);
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

    /** @param label of a part of the height */
    private void begin(String title, DoubleFunction<String> label) {
        top += TITLE;
        add("<text class='ink' x='%d' y='%d' font-weight='bold'>%s</text>", LEFT, top - 8, title);
        for (var part = 0; part <= PARTS; part++) {
            add(
                    "<text class='ink' x='%d' y='%d' text-anchor='end'>%s</text>",
                    LEFT - 6, top + HEIGHT - HEIGHT * part / PARTS + 4, label.apply((double) part / PARTS));
        }
        top += HEIGHT + 10;
    }

    private void grid() {
        var bottom = top - 10;
        for (var part = 1; part < PARTS; part++) {
            var y = bottom - HEIGHT * part / PARTS;
            add("<line class='grid' x1='%d' y1='%d' x2='%d' y2='%d'/>", LEFT, y, LEFT + WIDTH, y);
        }
        add("<rect class='frame' x='%d' y='%d' width='%d' height='%d'/>", LEFT, bottom - HEIGHT, WIDTH, HEIGHT);
    }

    private void area(String look, ToDoubleFunction<Hour> part) {
        add("<polygon %s points='%d,%d%s %d,%d'/>", look, LEFT, top - 10, points(part), LEFT + WIDTH, top - 10);
    }

    private void line(String look, ToDoubleFunction<Hour> part) {
        add("<polyline class='%s' points='%s'/>", look, points(part));
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
            add("<rect x='%d' y='%d' width='10' height='10' fill='%s'/>", x, TITLE - 17, COLOURS.get(team));
            add("<text class='ink' x='%d' y='%d'>%s</text>", x + 14, TITLE - 8, Load.team(team));
        }
    }

    private void days() {
        var days = Math.max(1, hours.size() / 24);
        for (var day = 0; day <= days; day += Math.max(1, days / 14)) {
            var hour = Math.min(day * 24, hours.size() - 1);
            add("<text class='ink' x='%d' y='%d' text-anchor='middle'>day %d</text>", x(hour), top + 10, day);
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
