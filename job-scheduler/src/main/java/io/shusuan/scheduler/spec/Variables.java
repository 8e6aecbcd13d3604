package io.shusuan.scheduler.spec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/** Readings of mappings whose keys the user chooses: environments and annotations. */
final class Variables {

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern PORT_VARIABLE = Pattern.compile("PORT(_[0-9]+)?");

    private static final String VARIABLE_NAME = "letters, digits and '_', not beginning with a digit, 255 at most";
    private static final String ANNOTATION_KEY =
            "an annotation key: at most 63 letters, digits, '-', '_' and '.', with a DNS name and '/' before them if need be";

    private Variables() {}

    static Reading<Map<String, String>> environment() {
        return named("variables", Limits.VARIABLES, Variables::checkVariable, Texts.value(Limits.VALUE_BYTES));
    }

    static Reading<Map<String, String>> annotations() {
        return named("annotations", Limits.ANNOTATIONS, Variables::checkAnnotation, Texts.value(Limits.VALUE_BYTES));
    }

    static Reading<Map<String, String>> named(
            String what, int most, BiConsumer<Field, String> checkName, Reading<String> reading) {
        return field -> {
            if (!(field.node() instanceof Node.Mapping mapping)) {
                return field.mustBe(
                        FaultCode.WRONG_TYPE, "a mapping from names to values", "write 'NAME: value' lines below it");
            }
            if (mapping.entries().size() > most) {
                field.tooMany(mapping.entries().size(), most, what);
            }
            var values = new LinkedHashMap<String, String>();
            for (var entry : mapping.entries()) {
                var value = new Field(field.path().key(entry.key()), entry.at(), entry.value(), field.faults());
                checkName.accept(value, entry.key());
                value.read(reading).ifPresent(text -> values.put(entry.key(), text));
            }
            return Optional.of(values);
        };
    }

    private static void checkVariable(Field field, String name) {
        if (!VARIABLE.matcher(name).matches() || name.length() > 255) {
            field.clash(FaultCode.BAD_FORMAT, "must be named by " + VARIABLE_NAME, name, VARIABLE_NAME);
        } else if (name.startsWith("SHUSUAN_")) {
            field.clash(
                    FaultCode.CONFLICT,
                    "is set by the platform, as all variables that begin with SHUSUAN_: rename it",
                    name,
                    "a name that does not begin with SHUSUAN_");
        } else if (name.equals("HOST") || PORT_VARIABLE.matcher(name).matches()) {
            field.clash(
                    FaultCode.CONFLICT,
                    "is set by the platform to the address and ports that the task should listen on: rename it,"
                            + " and declare ports with 'ports'",
                    name,
                    "a name other than HOST, PORT and PORT_<n>");
        }
    }

    private static void checkAnnotation(Field field, String key) {
        if (!Labels.isKey(key)) {
            field.clash(FaultCode.BAD_FORMAT, "must be " + ANNOTATION_KEY, key, ANNOTATION_KEY);
        }
    }
}
