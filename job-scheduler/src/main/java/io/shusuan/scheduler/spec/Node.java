package io.shusuan.scheduler.spec;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A piece of the composed document and where it begins. The tree holds no aliases, so it is as large as the text at most. */
sealed interface Node {

    Position at();

    /**
     * Text as written, before anybody decides what type it has.
     *
     * @param plain without quotes, so that it may also be a number, a boolean or null
     */
    record Scalar(Position at, String text, boolean plain) implements Node {

        private static final Pattern NULL = Pattern.compile("|~|null|Null|NULL");
        private static final Pattern BOOLEAN = Pattern.compile("true|True|TRUE|false|False|FALSE");
        private static final Pattern NUMBER = Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?"
                + "|0x[0-9a-fA-F]+|0o[0-7]+|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");

        /** By the core schema of YAML 1.2, so {@code no}, {@code on} and dates are text. */
        ScalarType type() {
            if (!plain) {
                return ScalarType.TEXT;
            }
            if (NULL.matcher(text).matches()) {
                return ScalarType.NULL;
            }
            if (BOOLEAN.matcher(text).matches()) {
                return ScalarType.BOOLEAN;
            }
            return NUMBER.matcher(text).matches() ? ScalarType.NUMBER : ScalarType.TEXT;
        }
    }

    record Sequence(Position at, List<Node> items) implements Node {}

    record Mapping(Position at, Map<String, Entry> byKey) implements Node {

        /** In the order of the text. */
        Collection<Entry> entries() {
            return byKey.values();
        }

        Optional<Entry> entry(String key) {
            return Optional.ofNullable(byKey.get(key));
        }
    }

    /** A key and what it leads to; no two entries of a mapping have the same key. */
    record Entry(Position at, String key, Node value) {}

    /** Something that was already refused while composing; whoever reads it stays silent. */
    record Refused(Position at) implements Node {}

    /** What a scalar is without any tag. */
    enum ScalarType {
        TEXT,
        NUMBER,
        BOOLEAN,
        NULL
    }
}
