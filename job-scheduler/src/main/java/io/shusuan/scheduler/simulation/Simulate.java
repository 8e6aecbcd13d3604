package io.shusuan.scheduler.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** {@code ./shusuan simulate [days] [nodes] [load] [folder] [true: evict for fair shares, too]}: days of made-up load, in seconds. */
public final class Simulate {

    private Simulate() {}

    public static void main(String[] arguments) throws IOException {
        var days = Integer.parseInt(argument(arguments, 0, "7"));
        var nodes = Integer.parseInt(argument(arguments, 1, "64"));
        var pressure = Double.parseDouble(argument(arguments, 2, "0.9"));
        var folder = Path.of(argument(arguments, 3, "."));
        var load = new Load(1, nodes);
        var simulated = new Days(load, pressure, Boolean.parseBoolean(argument(arguments, 4, "false")));
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
        var wait = sorted.get(Math.max(0, (int) Math.ceil(sorted.size() * percent / 100.0) - 1));
        return "%d:%02d h".formatted(wait.toHours(), wait.toMinutesPart());
    }

    static String csv(Days days) {
        var teams = IntStream.range(0, Load.TEAMS).mapToObj(Load::team).toList();
        var lines = days.hours().stream()
                .map(hour -> "%d,%d,%d,%d,%s"
                        .formatted(
                                hour.hour(),
                                hour.used(),
                                hour.waiting(),
                                hour.evicted(),
                                teams.stream()
                                        .map(team -> hour.gpus()
                                                .getOrDefault(team, 0L)
                                                .toString())
                                        .collect(Collectors.joining(","))))
                .collect(Collectors.joining("\n"));
        var header = teams.stream().map(team -> team.value()).collect(Collectors.joining(","));
        return "hour,used,waiting,evicted,%s%n%s%n".formatted(header, lines);
    }
}
