package io.shusuan.scheduler.cluster.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was given to an attempt before it was started.
 *
 * @param run of the job, from 1
 * @param failures how many attempts of this task in a row ended soon before it
 * @param boot which run of the machine it belongs to: none of its processes outlives that
 */
record Plan(List<Integer> ports, List<Integer> gpus, int run, int failures, String boot) {

    static final String BOOT = thisBoot();

    Plan {
        ports = List.copyOf(ports);
        gpus = List.copyOf(gpus);
    }

    /** What an attempt has whose plan cannot be read. */
    static final Plan UNREADABLE = new Plan(List.of(), List.of(), 1, 0, "");

    boolean isOfThisBoot() {
        return boot.equals(BOOT);
    }

    String text() {
        return "ports %s\ngpus %s\nrun %d\nfailures %d\nboot %s\n"
                .formatted(words(ports), words(gpus), run, failures, boot);
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
