package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.Limits;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** What there is of each resource; what is not named has no limit. Taken as any number, so that a wrong one can be told. */
@Schema(name = "Limits")
@JsonInclude(JsonInclude.Include.NON_NULL)
record Amounts(
        @Nullable BigDecimal cpus,
        @Nullable BigDecimal memoryMB,
        @Nullable BigDecimal gpus) {

    static final Amounts ANY = new Amounts(null, null, null);

    static Amounts of(Limits limits) {
        return new Amounts(shown(limits.milliCpus(), 3), shown(limits.memoryMiB(), 0), shown(limits.gpus(), 0));
    }

    static Amounts of(Resources resources) {
        return new Amounts(
                shown(resources.milliCpus(), 3), shown(resources.memoryMiB(), 0), shown(resources.gpus(), 0));
    }

    private static @Nullable BigDecimal shown(long amount, int decimals) {
        return amount == Limits.UNLIMITED
                ? null
                : BigDecimal.valueOf(amount, decimals).stripTrailingZeros();
    }
}
