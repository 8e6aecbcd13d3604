package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.gate.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What may be said of a build: flags of a command, or parameters of a configuration. Both are read here, so that they mean the same.
 *
 * @param accuracyDrop the share of labelled samples that may be lost, in per cent
 * @param relativeError the mean error beside an output's usual size, in per cent; empty for what suits the precision of the graph
 */
public record BuildOptions(BuildSettings settings, double accuracyDrop, OptionalDouble relativeError, double speedup) {
    /** The options there are, and whether each has a value besides true and false. */
    public static final Map<String, Boolean> NAMES = names();

    private static final double FLOAT_ERROR = 1;
    private static final double QUANTISED_ERROR = 8;
    private static final double USUAL_DROP = 1;
    private static final double USUAL_SPEEDUP = 0.95;

    /** Where options come from. */
    public interface Given {
        /** All that was given for an option. */
        List<String> all(String option);

        /** What whoever gave it calls it. */
        String called(String option);
    }

    private static Map<String, Boolean> names() {
        var names = new LinkedHashMap<String, Boolean>();
        for (var name : List.of(
                "workspace-mb", "optimization-level", "profile", "max-accuracy-drop", "max-error", "min-speedup")) {
            names.put(name, true);
        }
        for (var name : List.of("version-compatible", "hardware-compatible", "refittable", "weight-streaming")) {
            names.put(name, false);
        }
        return Map.copyOf(names);
    }

    /** @throws IllegalArgumentException with a sentence that names the option */
    public static BuildOptions read(Given given) {
        var profiles = new ArrayList<ShapeProfile>();
        for (var text : given.all("profile")) {
            try {
                profiles.add(ShapeProfile.parse(text));
            } catch (IllegalArgumentException wrong) {
                throw new IllegalArgumentException(given.called("profile") + ": " + wrong.getMessage(), wrong);
            }
        }
        return new BuildOptions(
                new BuildSettings(
                        (int) number(given, "workspace-mb", 1, 1 << 20).orElse(0),
                        (int) number(given, "optimization-level", 0, BuildSettings.HIGHEST_LEVEL)
                                .orElse(BuildSettings.USUAL_LEVEL),
                        flag(given, "version-compatible"),
                        flag(given, "hardware-compatible"),
                        flag(given, "refittable"),
                        flag(given, "weight-streaming"),
                        profiles),
                number(given, "max-accuracy-drop", 0, 100).orElse(USUAL_DROP),
                number(given, "max-error", 0, 1e6),
                number(given, "min-speedup", 0, 1000).orElse(USUAL_SPEEDUP));
    }

    private static OptionalDouble number(Given given, String option, double least, double most) {
        var all = given.all(option);
        if (all.isEmpty()) {
            return OptionalDouble.empty();
        }
        try {
            double value = Double.parseDouble(all.getLast());
            if (value >= least && value <= most) {
                return OptionalDouble.of(value);
            }
        } catch (NumberFormatException notANumber) {
            // answered below
        }
        throw new IllegalArgumentException(String.format(
                Locale.ROOT,
                "%s takes a number from %s to %s, not '%s'",
                given.called(option),
                least,
                most,
                all.getLast()));
    }

    private static boolean flag(Given given, String option) {
        var all = given.all(option);
        if (all.isEmpty()) {
            return false;
        }
        return switch (all.getLast().strip()) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                throw new IllegalArgumentException(
                        given.called(option) + " is true or false, not '" + all.getLast() + "'");
        };
    }

    BuildOptions with(List<ShapeProfile> profiles) {
        return new BuildOptions(settings.with(profiles), accuracyDrop, relativeError, speedup);
    }

    /** What a plan must keep to. A graph that is quantised rounds differently in every engine. */
    Limits limits(boolean quantised) {
        return new Limits(
                accuracyDrop / 100, relativeError.orElse(quantised ? QUANTISED_ERROR : FLOAT_ERROR) / 100, speedup);
    }

    /** The same as flags of a command. */
    List<String> words() {
        var words = new ArrayList<>(List.of(
                "--optimization-level=" + settings.optimizationLevel(),
                "--version-compatible=" + settings.versionCompatible(),
                "--hardware-compatible=" + settings.hardwareCompatible(),
                "--refittable=" + settings.refittable(),
                "--weight-streaming=" + settings.weightStreaming(),
                "--max-accuracy-drop=" + accuracyDrop,
                "--min-speedup=" + speedup));
        if (settings.workspaceMb() > 0) {
            words.add("--workspace-mb=" + settings.workspaceMb());
        }
        relativeError.ifPresent(error -> words.add("--max-error=" + error));
        settings.profiles().forEach(profile -> words.add("--profile=" + profile));
        return words;
    }
}
