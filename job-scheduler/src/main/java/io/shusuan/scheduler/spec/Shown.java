package io.shusuan.scheduler.spec;

/** Pieces of the submitted text as messages show them: short, on one line, nothing invisible. */
final class Shown {

    private static final int MAX_LENGTH = 60;

    private Shown() {}

    static String shortened(String text) {
        var shown = new StringBuilder();
        text.codePoints().limit(MAX_LENGTH).forEach(character -> append(shown, character));
        return text.codePointCount(0, text.length()) > MAX_LENGTH
                ? shown.append('…').toString()
                : shown.toString();
    }

    static String node(Node node) {
        return switch (node) {
            case Node.Scalar scalar
            when scalar.plain() -> scalar.text().isEmpty() ? "nothing" : shortened(scalar.text());
            case Node.Scalar scalar -> '"' + shortened(scalar.text()) + '"';
            case Node.Sequence sequence -> sequence.items().isEmpty() ? "an empty list" : "a list";
            case Node.Mapping _ -> "a mapping";
            case Node.Refused _ -> "an alias";
        };
    }

    private static void append(StringBuilder shown, int character) {
        if (character == '\n') {
            shown.append("\\n");
        } else if (Character.isISOControl(character) || Character.getType(character) == Character.SURROGATE) {
            shown.append("\\u%04x".formatted(character));
        } else {
            shown.appendCodePoint(character);
        }
    }
}
