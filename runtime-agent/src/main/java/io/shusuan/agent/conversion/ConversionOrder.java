package io.shusuan.agent.conversion;

import io.shusuan.agent.engine.command.EngineCommand;
import io.shusuan.agent.inference.ServingException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a caller wants converted: a version of a model, into another version of it.
 *
 * @param options as the command {@code engine convert} has them, without their dashes; a value is a text, a number, a Boolean or a list
 */
public record ConversionOrder(String model, long version, long outputVersion, Map<String, Object> options) {
    private static final Set<String> KNOWN = Set.of(
            "to",
            "target",
            "without-vnni",
            "keep",
            "calibration",
            "per-tensor",
            "batch",
            "threads",
            "max-accuracy-drop",
            "max-error",
            "min-speedup");

    /** @throws ServingException when something of it means nothing */
    public ConversionOrder {
        options = Map.copyOf(options);
        if (version < 1 || outputVersion < 1) {
            throw ServingException.invalid(
                    "version and output_version are positive numbers, not " + version + " and " + outputVersion);
        }
        for (var option : options.keySet()) {
            if (!KNOWN.contains(option)) {
                throw ServingException.invalid("options has no '" + option + "'; it has "
                        + KNOWN.stream().sorted().toList());
            }
        }
        EngineCommand.faultOfConversion(words(options)).ifPresent(fault -> {
            throw ServingException.invalid("options: " + fault.replace("--", ""));
        });
    }

    List<String> words() {
        return words(options);
    }

    /** The place of the result, for comparison. */
    String place() {
        return model + "/" + outputVersion;
    }

    private static List<String> words(Map<String, Object> options) {
        return options.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(option -> words("--" + option.getKey(), option.getValue()).stream())
                .toList();
    }

    private static List<String> words(String flag, Object value) {
        return switch (value) {
            case Boolean on -> on ? List.of(flag) : List.of();
            case List<?> several ->
                several.stream().map(one -> flag + "=" + one).toList();
            default -> List.of(flag + "=" + value);
        };
    }
}
