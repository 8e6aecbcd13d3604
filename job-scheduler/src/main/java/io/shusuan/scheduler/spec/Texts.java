package io.shusuan.scheduler.spec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Readings of text. */
final class Texts {

    private Texts() {}

    /** Text of any lines, without invisible characters. */
    static Reading<String> upTo(int maxBytes) {
        return field ->
                scalarText(field).filter(text -> isVisible(field, text)).filter(text -> fits(field, text, maxBytes));
    }

    /** As {@link #upTo}, and more than blanks. */
    static Reading<String> notBlank(int maxBytes) {
        return field -> {
            var text = upTo(maxBytes).of(field);
            if (text.isPresent() && text.get().isBlank()) {
                return field.mustBe(FaultCode.BAD_FORMAT, "text that is not blank", null);
            }
            return text;
        };
    }

    /** Text that keeps a rule. What does not is mended where that gives text that does, and offered as a suggestion. */
    static Reading<String> matching(Predicate<String> rule, String ruleInWords, UnaryOperator<String> mend) {
        return field -> {
            var text = scalarText(field);
            if (text.isEmpty() || rule.test(text.get())) {
                return text;
            }
            var mended = text.get().length() > 4096 ? "" : mend.apply(text.get());
            return field.mustBe(FaultCode.BAD_FORMAT, ruleInWords, null, rule.test(mended) ? mended : null);
        };
    }

    /** One of a few words. */
    static <T extends Enum<T>> Reading<T> oneOf(T[] values, Function<T, String> spelling) {
        var words = Arrays.stream(values).map(spelling).toList();
        return field -> {
            var text = scalarText(field);
            if (text.isEmpty()) {
                return Optional.empty();
            }
            var index = words.indexOf(text.get());
            return index >= 0 ? Optional.of(values[index]) : notAmong(field, text.get(), words);
        };
    }

    /** A variable's value or an annotation: text, or a number or boolean as it is written. */
    static Reading<String> value(int maxBytes) {
        return field -> switch (field.node()) {
            case Node.Scalar scalar
            when scalar.type() == Node.ScalarType.NULL ->
                field.mustBe(FaultCode.WRONG_TYPE, "text", "for an empty value", "\"\"");
            case Node.Scalar scalar ->
                isVisible(field, scalar.text()) && fits(field, scalar.text(), maxBytes)
                        ? Optional.of(scalar.text())
                        : Optional.empty();
            case Node.Sequence _, Node.Mapping _, Node.Refused _ ->
                field.mustBe(FaultCode.WRONG_TYPE, "text", "put it in quotes if it is meant as text");
        };
    }

    private static Optional<String> scalarText(Field field) {
        if (!(field.node() instanceof Node.Scalar scalar)) {
            return field.mustBe(FaultCode.WRONG_TYPE, "text", null);
        }
        return switch (scalar.type()) {
            case TEXT -> Optional.of(scalar.text());
            case NULL -> field.mustBe(FaultCode.WRONG_TYPE, "text", "give it a value or remove the key");
            case NUMBER, BOOLEAN ->
                field.mustBe(
                        FaultCode.WRONG_TYPE, "text", "put it in quotes", '"' + Shown.shortened(scalar.text()) + '"');
        };
    }

    private static <T> Optional<T> notAmong(Field field, String text, List<String> words) {
        return field.mustBe(
                FaultCode.BAD_FORMAT,
                "one of " + String.join(", ", words),
                null,
                Typo.nearest(text, words).orElse(null));
    }

    private static boolean isVisible(Field field, String text) {
        var invisible = text.codePoints().filter(Texts::isInvisible).findFirst();
        invisible.ifPresent(character -> field.mustBe(
                FaultCode.BAD_FORMAT, "text without invisible characters", "remove U+%04X".formatted(character)));
        return invisible.isEmpty();
    }

    private static boolean isInvisible(int character) {
        var inText = character == '\n' || character == '\t' || character == '\r';
        return (Character.isISOControl(character) && !inText) || Character.getType(character) == Character.SURROGATE;
    }

    private static boolean fits(Field field, String text, int maxBytes) {
        var bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > maxBytes) {
            field.mustBe(FaultCode.OUT_OF_RANGE, "at most %d bytes long".formatted(maxBytes), "it has " + bytes);
        }
        return bytes <= maxBytes;
    }
}
