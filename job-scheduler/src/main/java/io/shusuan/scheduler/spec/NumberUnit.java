package io.shusuan.scheduler.spec;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Guesses which plain number was meant by one in another spelling, with a unit behind it or in another base. */
@SuppressWarnings("ImmutableEnumChecker") // what its fields hold never changes
enum NumberUnit {
    NONE("", _ -> Optional.empty()),
    CORES("([0-9]+)m", found -> Optional.of(new BigDecimal(found.group(1)).movePointLeft(3))),
    MEBIBYTES("([0-9]+) ?([MGT])i?B?", found -> Optional.of(mebibytes(found)));

    private static final Pattern HEXADECIMAL = Pattern.compile("0[xX]([0-9a-fA-F]+)");
    private static final Pattern OCTAL = Pattern.compile("0o([0-7]+)");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9])?");

    private final Pattern amount;
    private final Function<MatchResult, Optional<BigDecimal>> inUnit;

    NumberUnit(String amount, Function<MatchResult, Optional<BigDecimal>> inUnit) {
        this.amount = Pattern.compile(amount);
        this.inUnit = inUnit;
    }

    Optional<String> plainly(String text) {
        var bare = text.strip().replace("_", "").replace(",", "");
        return number(bare)
                .map(number ->
                        number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString());
    }

    private Optional<BigDecimal> number(String text) {
        var withUnit = amount.matcher(text);
        if (withUnit.matches()) {
            return inUnit.apply(withUnit);
        }
        var hexadecimal = HEXADECIMAL.matcher(text);
        if (hexadecimal.matches()) {
            return Optional.of(new BigDecimal(new BigInteger(hexadecimal.group(1), 16)));
        }
        var octal = OCTAL.matcher(text);
        if (octal.matches()) {
            return Optional.of(new BigDecimal(new BigInteger(octal.group(1), 8)));
        }
        return DECIMAL.matcher(text).matches() ? Optional.of(new BigDecimal(text)) : Optional.empty();
    }

    private static BigDecimal mebibytes(MatchResult found) {
        var steps = "MGT".indexOf(found.group(2));
        return new BigDecimal(new BigInteger(found.group(1)).shiftLeft(10 * steps));
    }
}
