package io.shusuan.scheduler.sharing;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * How many GPU-hours may be spent in a calendar month; null is any number.
 *
 * @param gpuHours by all jobs of a queue together
 * @param userGpuHours by those of one user in it
 */
public record Budget(
        @Nullable BigDecimal gpuHours, @Nullable BigDecimal userGpuHours) {

    public static final Budget ANY = new Budget(null, null);

    public boolean isAny() {
        return equals(ANY);
    }
}
