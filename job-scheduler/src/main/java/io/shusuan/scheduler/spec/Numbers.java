package io.shusuan.scheduler.spec;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Readings of numbers: decimal digits only, so that nobody has to know which dialect takes 010 for eight. */
final class Numbers {

    private static final Pattern WHOLE = Pattern.compile("[-+]?(0|[1-9][0-9]*)");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(0|[1-9][0-9]*)(\\.[0-9]+)?");
    private static final int LONGEST_READ = 30;

    private Numbers() {}

    /** What numbers a field takes, and what unit people may have written behind them. */
    private record Rule(Pattern spelling, String allowed, BigDecimal least, BigDecimal most, NumberUnit unit) {

        boolean spells(String text) {
            return spelling.matcher(text).matches();
        }

        boolean holds(BigDecimal number) {
            return number.compareTo(least) >= 0 && number.compareTo(most) <= 0;
        }
    }

    static Reading<Integer> whole(int least, int most) {
        var allowed = "a whole number from %d to %d".formatted(least, most);
        var rule = new Rule(WHOLE, allowed, BigDecimal.valueOf(least), BigDecimal.valueOf(most), NumberUnit.NONE);
        return field -> number(field, rule).map(BigDecimal::intValueExact);
    }

    /** Memory in MiB, at least one. */
    static Reading<Long> mebibytes(long most) {
        var allowed = "a whole number of MiB from 1 to %d".formatted(most);
        var rule = new Rule(WHOLE, allowed, BigDecimal.ONE, BigDecimal.valueOf(most), NumberUnit.MEBIBYTES);
        return field -> number(field, rule).map(BigDecimal::longValueExact);
    }

    /** Cores with fractions down to a thousandth, as thousandths. */
    static Reading<Long> thousandthsOfCores(int most) {
        var allowed = "a number of cores from 0.001 to %d in steps of 0.001".formatted(most);
        var rule = new Rule(DECIMAL, allowed, new BigDecimal("0.001"), BigDecimal.valueOf(most), NumberUnit.CORES);
        return field -> number(field, rule).flatMap(cores -> {
            var exact = cores.stripTrailingZeros().scale() <= 3;
            return exact
                    ? Optional.of(cores.movePointRight(3).longValueExact())
                    : field.mustBe(FaultCode.BAD_FORMAT, allowed, null, rounded(cores));
        });
    }

    /** Any number from nought on, with fractions. */
    static Reading<BigDecimal> upTo(int most) {
        var allowed = "a number from 0 to %d".formatted(most);
        var rule = new Rule(DECIMAL, allowed, BigDecimal.ZERO, BigDecimal.valueOf(most), NumberUnit.NONE);
        return field -> number(field, rule);
    }

    static Reading<Boolean> truth() {
        return field -> {
            if (field.node() instanceof Node.Scalar scalar && scalar.type() == Node.ScalarType.BOOLEAN) {
                return Optional.of(Boolean.valueOf(scalar.text()));
            }
            return field.mustBe(FaultCode.WRONG_TYPE, "true or false", "without quotes");
        };
    }

    private static Optional<BigDecimal> number(Field field, Rule rule) {
        if (!(field.node() instanceof Node.Scalar scalar)) {
            return field.mustBe(FaultCode.WRONG_TYPE, rule.allowed(), null);
        }
        if (!scalar.plain() || !rule.spells(scalar.text())) {
            return misspelled(field, scalar, rule);
        }
        if (scalar.text().length() <= LONGEST_READ) {
            var number = new BigDecimal(scalar.text());
            if (rule.holds(number)) {
                return Optional.of(number);
            }
        }
        return field.mustBe(FaultCode.OUT_OF_RANGE, rule.allowed(), null);
    }

    private static Optional<BigDecimal> misspelled(Field field, Node.Scalar scalar, Rule rule) {
        var meant = scalar.text().length() > LONGEST_READ
                ? Optional.<String>empty()
                : rule.unit()
                        .plainly(scalar.text())
                        .filter(rule::spells)
                        .filter(text -> rule.holds(new BigDecimal(text)));
        return field.mustBe(
                scalar.type() == Node.ScalarType.NUMBER ? FaultCode.BAD_FORMAT : FaultCode.WRONG_TYPE,
                rule.allowed(),
                advice(scalar, rule),
                meant.orElse(null));
    }

    private static @Nullable String advice(Node.Scalar scalar, Rule rule) {
        return switch (scalar.type()) {
            case NULL -> "give it a value or remove the key";
            case NUMBER -> "use plain decimal digits";
            case TEXT -> !scalar.plain() && rule.spells(scalar.text()) ? "remove the quotes" : null;
            case BOOLEAN -> null;
        };
    }

    private static String rounded(BigDecimal cores) {
        return cores.setScale(3, RoundingMode.UP).stripTrailingZeros().toPlainString();
    }
}
