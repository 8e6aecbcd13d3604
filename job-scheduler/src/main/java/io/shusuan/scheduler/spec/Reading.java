package io.shusuan.scheduler.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a value of one type from a field. What is wrong with it is noted with the field, and then nothing comes back. */
@FunctionalInterface
interface Reading<T> {

    Optional<T> of(Field field);

    /** A list of such values. Items that are wrong are noted and left out. */
    static <T> Reading<List<T>> listOf(Reading<T> reading, int most) {
        return field -> {
            if (!(field.node() instanceof Node.Sequence sequence)) {
                var advice = field.node() instanceof Node.Scalar scalar
                                && !scalar.text().isEmpty()
                        ? "write [%s], or ".formatted(Shown.node(scalar))
                        : "";
                return field.mustBe(FaultCode.WRONG_TYPE, "a list", advice + "begin each entry with '- '");
            }
            if (sequence.items().size() > most) {
                field.tooMany(sequence.items().size(), most, "entries");
            }
            var values = new ArrayList<T>();
            field.items(sequence.items()).forEach(item -> item.read(reading).ifPresent(values::add));
            return Optional.of(values);
        };
    }
}
