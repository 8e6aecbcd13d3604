package io.shusuan.agent.engine.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The words after a command: files, and flags with what they are set to. */
final class Arguments {
    private final List<Path> files = new ArrayList<>();
    private final Map<String, List<String>> flags = new HashMap<>();

    /** @param known each flag the command has, and whether it takes a value */
    static Arguments parse(List<String> words, Map<String, Boolean> known) throws WrongUsage {
        var arguments = new Arguments();
        var rest = words.iterator();
        while (rest.hasNext()) {
            var word = rest.next();
            if (!word.startsWith("--")) {
                arguments.files.add(Path.of(word));
                continue;
            }
            int equals = word.indexOf('=');
            var name = equals < 0 ? word : word.substring(0, equals);
            var takesValue = known.get(name);
            if (takesValue == null) {
                throw new WrongUsage("unknown flag " + name + "; known are "
                        + known.keySet().stream().sorted().toList());
            }
            var value = "true";
            if (equals >= 0) {
                value = word.substring(equals + 1);
            } else if (takesValue) {
                if (!rest.hasNext()) {
                    throw new WrongUsage(name + " needs a value");
                }
                value = rest.next();
            }
            arguments.flags.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
        }
        return arguments;
    }

    List<Path> files(int count, String what) throws WrongUsage {
        if (files.size() != count) {
            throw new WrongUsage("give " + what + ", not " + files.size() + " files: " + files);
        }
        return files;
    }

    boolean has(String flag) {
        return flags.containsKey(flag);
    }

    List<String> all(String flag) {
        return flags.getOrDefault(flag, List.of());
    }

    Optional<String> text(String flag) {
        return Optional.ofNullable(flags.get(flag)).map(List::getLast);
    }

    String required(String flag, String meaning) throws WrongUsage {
        return text(flag).orElseThrow(() -> new WrongUsage(flag + " is missing: " + meaning));
    }

    int number(String flag, int unset, int least, int most) throws WrongUsage {
        return (int) real(flag, unset, least, most);
    }

    double real(String flag, double unset, double least, double most) throws WrongUsage {
        var text = text(flag);
        if (text.isEmpty()) {
            return unset;
        }
        try {
            double value = Double.parseDouble(text.get());
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // answered below
        }
        throw new WrongUsage(
                String.format(Locale.ROOT, "%s takes a number from %s to %s, not '%s'", flag, least, most, text.get()));
    }

    /** One of an enum's constants, by the name its {@code toString} gives, whatever the case. */
    <E extends Enum<E>> E choice(String flag, Class<E> type, String text) throws WrongUsage {
        for (var constant : type.getEnumConstants()) {
            if (constant.toString().equalsIgnoreCase(text)) {
                return constant;
            }
        }
        throw new WrongUsage(flag + " is one of "
                + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT) + ", not '" + text + "'");
    }
}
