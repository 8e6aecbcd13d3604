package io.shusuan.scheduler.simulation;

import io.shusuan.scheduler.simulation.Days.Hour;
import java.util.List;

/** The GPUs of each team over the hours, one band upon the other, as SVG. */
final class Plot {

    private static final int WIDTH = 1000;
    private static final int HEIGHT = 300;
    private static final List<String> COLOURS =
            List.of("#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f");

    private Plot() {}

    static String svg(List<Hour> hours, long gpus) {
        var svg = new StringBuilder(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        .formatted(WIDTH, HEIGHT + 30));
        for (var team = Load.TEAMS - 1; team >= 0; team--) {
            svg.append("<polygon fill=\"%s\" points=\"0,%d".formatted(COLOURS.get(team), HEIGHT));
            for (var i = 0; i < hours.size(); i++) {
                svg.append(" %d,%d".formatted(x(i, hours.size()), HEIGHT - upTo(hours.get(i), team) * HEIGHT / gpus));
            }
            svg.append(" %d,%d\"/>%n".formatted(WIDTH, HEIGHT));
        }
        for (var team = 0; team < Load.TEAMS; team++) {
            svg.append("<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n"
                    .formatted(team * WIDTH / Load.TEAMS, HEIGHT + 20, COLOURS.get(team), Load.team(team)));
        }
        return svg.append("</svg>\n").toString();
    }

    private static int x(int hour, int hours) {
        return hours < 2 ? 0 : hour * WIDTH / (hours - 1);
    }

    private static long upTo(Hour hour, int last) {
        var gpus = 0L;
        for (var team = 0; team <= last; team++) {
            gpus += hour.gpus().getOrDefault(Load.team(team), 0L);
        }
        return gpus;
    }
}
