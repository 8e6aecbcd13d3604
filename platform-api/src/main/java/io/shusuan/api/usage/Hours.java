package io.shusuan.api.usage;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Hours to four places, which is a third of a second. */
final class Hours {

    private Hours() {}

    static BigDecimal rounded(double hours) {
        return BigDecimal.valueOf(hours).setScale(4, RoundingMode.HALF_UP);
    }
}
