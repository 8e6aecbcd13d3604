package io.shusuan.scheduler.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@code ./shusuan simulate [days] [nodes] [load] [folder] [true: evict for fair shares, too]}: days of made-up load, in seconds. */
public final class Simulate {

    private Simulate() {}

    public static void main(String[] arguments) throws IOException {
        try {
            run(arguments);
        } catch (IllegalArgumentException wrong) {
            System.err.println("shusuan: " + wrong.getMessage());
            System.exit(2);
        }
    }

    private static void run(String[] arguments) throws IOException {
        var days = (int) number("DAYS", argument(arguments, 0, "7"), 1, 400, true);
        var nodes = (int) number("NODES", argument(arguments, 1, "64"), 8, 20_000, true);
        var pressure = number("LOAD", argument(arguments, 2, "0.9"), 0.01, 10, false);
        var folder = Path.of(argument(arguments, 3, "."));
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("FOLDER must be one that is there, not '%s'".formatted(folder));
        }
        var load = new Load(1, nodes);
        var simulated = new Days(load, pressure, argument(arguments, 4, "false").equals("true"));
        var begin = System.nanoTime();
        simulated.run(days);
        var seconds = (System.nanoTime() - begin) / 1e9;
        System.out.print(report(simulated, load.gpus()));
        System.out.printf("%d days of %d nodes in %.1f s%n", days, nodes, seconds);
        Files.writeString(folder.resolve("simulation.csv"), csv(simulated));
        Files.writeString(folder.resolve("simulation.svg"), Plot.svg(simulated.hours(), load.gpus()));
        System.out.printf(
                "hour by hour: %s and %s%n", folder.resolve("simulation.csv"), folder.resolve("simulation.svg"));
    }

    private static String argument(String[] arguments, int index, String otherwise) {
        return arguments.length > index ? arguments[index] : otherwise;
    }

    /** @throws IllegalArgumentException that says what it must be */
    static double number(String what, String said, double least, double most, boolean whole) {
        var number = said.matches("[0-9]{1,9}([.][0-9]{1,9})?") ? Double.parseDouble(said) : Double.NaN;
        if (!(number >= least && number <= most) || (whole && number != Math.rint(number))) {
            throw new IllegalArgumentException("%s must be a %s from %s to %s, not '%s'"
                    .formatted(what, whole ? "whole number" : "number", shown(least), shown(most), said));
        }
        return number;
    }

    private static String shown(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    static String report(Days days, long gpus) {
        var text = new StringBuilder("%-8s %8s %12s %12s %12s %10s%n"
                .formatted("team", "started", "median wait", "p90 wait", "longest", "mean GPUs"));
        for (var team = 0; team < Load.TEAMS; team++) {
            var waits = days.waits(Load.team(team));
            var name = Load.team(team);
            var mean = days.hours().stream()
                    .mapToLong(hour -> hour.gpus().getOrDefault(name, 0L))
                    .average()
                    .orElse(0);
            text.append("%-8s %8d %12s %12s %12s %10.1f%n"
                    .formatted(name, waits.size(), at(waits, 50), at(waits, 90), at(waits, 100), mean));
        }
        var used = days.hours().stream().mapToLong(Days.Hour::used).average().orElse(0);
        return text.append(("use %.1f %% of %d GPUs; %d evictions wasted %d GPU-hours; %d jobs wait at the end%n"
                                + "%d jobs were told when they would start, and %d %% of them did%n"
                                + "%d jobs were told so by their line alone, and %d %% of them did%n")
                        .formatted(
                                100 * used / gpus,
                                gpus,
                                days.evicted(),
                                days.wastedGpuHours(),
                                days.stillWaiting().size(),
                                days.foretold(),
                                100 * days.right() / Math.max(1, days.foretold()),
                                days.roughlyForetold(),
                                100 * days.roughlyRight() / Math.max(1, days.roughlyForetold())))
                .toString();
    }

    private static String at(List<Duration> sorted, int percent) {
        if (sorted.isEmpty()) {
            return "-";
        }
        var wait = Days.percentile(sorted, percent);
        return "%d:%02d h".formatted(wait.toHours(), wait.toMinutesPart());
    }

    static String csv(Days days) {
        var teams = IntStream.range(0, Load.TEAMS).mapToObj(Load::team).toList();
        var lines = days.hours().stream()
                .map(hour -> String.format(
                        Locale.ROOT,
                        "%d,%d,%d,%d,%d,%d,%.3f,%s",
                        hour.hour(),
                        hour.used(),
                        hour.waiting(),
                        hour.evicted(),
                        hour.medianWait().toMinutes(),
                        hour.longWait().toMinutes(),
                        hour.fairness(),
                        teams.stream()
                                .map(team -> hour.gpus().getOrDefault(team, 0L).toString())
                                .collect(Collectors.joining(","))))
                .collect(Collectors.joining("\n"));
        var header = teams.stream().map(team -> team.value()).collect(Collectors.joining(","));
        return "hour,used,waiting,evicted,median_wait_minutes,p90_wait_minutes,fairness,%s%n%s%n"
                .formatted(header, lines);
    }
}
