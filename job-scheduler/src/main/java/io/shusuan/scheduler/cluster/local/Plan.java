package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was given to an attempt before it was started.
 *
 * @param readiness what tells that it is ready; null, if taking connections on its first port does
 * @param run of the job, from 1
 * @param failures how many attempts of this task in a row ended soon before it
 * @param boot which run of the machine it belongs to: none of its processes outlives that
 */
record Plan(
        List<Integer> ports, List<Integer> gpus, @Nullable Readiness readiness, int run, int failures, String boot) {

    /** A path, and the port of the attempt at which it is asked for. */
    record Readiness(int port, String path) {

        private static final Pattern SPELLING = Pattern.compile("([1-9][0-9]{0,4})(/\\S*)");

        static @Nullable Readiness parse(String text) {
            var spelled = SPELLING.matcher(text);
            if (!spelled.matches()) {
                return null;
            }
            var port = Integer.parseInt(spelled.group(1));
            return port < 1 << 16 ? new Readiness(port, spelled.group(2)) : null;
        }

        @Override
        public String toString() {
            return port + path;
        }
    }

    static final String BOOT = thisBoot();

    Plan {
        ports = List.copyOf(ports);
        gpus = List.copyOf(gpus);
    }

    /** What an attempt has whose plan cannot be read. */
    static final Plan UNREADABLE = new Plan(List.of(), List.of(), null, 1, 0, "");

    boolean isOfThisBoot() {
        return boot.equals(BOOT);
    }

    String text() {
        return "ports %s\ngpus %s\nreadiness %s\nrun %d\nfailures %d\nboot %s\n"
                .formatted(words(ports), words(gpus), readiness == null ? "" : readiness, run, failures, boot);
    }

    static Plan parse(String text) {
        var values = new HashMap<String, String>();
        for (var line : text.lines().toList()) {
            var words = line.split(" ", 2);
            values.put(words[0], words.length == 2 ? words[1].strip() : "");
        }
        try {
            return new Plan(
                    numbers(values.getOrDefault("ports", "")),
                    numbers(values.getOrDefault("gpus", "")),
                    Readiness.parse(values.getOrDefault("readiness", "")),
                    Integer.parseInt(values.getOrDefault("run", "1")),
                    Integer.parseInt(values.getOrDefault("failures", "0")),
                    values.getOrDefault("boot", ""));
        } catch (NumberFormatException garbage) {
            return UNREADABLE;
        }
    }

    private static List<Integer> numbers(String words) {
        return Arrays.stream(words.split(" ", -1))
                .filter(word -> !word.isEmpty())
                .map(Integer::parseInt)
                .toList();
    }

    static String words(List<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String thisBoot() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/sys/kernel/random/boot_id"))) {
            return lines.findFirst().orElse("");
        } catch (IOException notTold) {
            return "";
        }
    }
}
