import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** How much processor time each program has taken, by name: who it was that filled the machine. */
final class Processes {

    private static final double TICKS_PER_SECOND = 100;

    private final Map<String, Double> before = seconds();

    void print() {
        seconds().forEach((name, now) -> {
            var taken = now - before.getOrDefault(name, 0.0);
            if (taken >= 1) {
                System.out.printf("%-52s %8.1f s%n", "processor time of " + name, taken);
            }
        });
    }

    private static Map<String, Double> seconds() {
        var seconds = new TreeMap<String, Double>();
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var each : all) {
                add(each, seconds);
            }
        } catch (IOException noLinux) {
            return Map.of();
        }
        return seconds;
    }

    private static void add(Path process, Map<String, Double> seconds) {
        try {
            var stat = Files.readString(process.resolve("stat"));
            var name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            if (name.equals("java")) {
                name = Long.parseLong(process.getFileName().toString()) == ProcessHandle.current().pid()
                        ? "this benchmark"
                        : Files.readString(process.resolve("cmdline")).contains("platform.jar") ? "the platform" : "other java";
            }
            seconds.merge(name, (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND, Double::sum);
        } catch (IOException gone) {
            // it has ended meanwhile
        }
    }
}
