package io.shusuan.scheduler.spec;

import java.util.HashMap;
import java.util.Map;

/** Values that may be given once in a place. */
final class Taken<T> {

    private final Map<T, Integer> lines = new HashMap<>();

    void add(Field field, T value) {
        var line = lines.putIfAbsent(value, field.node().at().line());
        if (line != null) {
            field.atValue()
                    .clash(
                            FaultCode.DUPLICATE_VALUE,
                            "is '%s', which line %d has already: it must be unique"
                                    .formatted(Shown.shortened(value.toString()), line),
                            value.toString(),
                            "each value once");
        }
    }
}
