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
        return of(limits.milliCpus(), limits.memoryMiB(), limits.gpus());
    }

    static Amounts of(Resources resources) {
        return of(resources.milliCpus(), resources.memoryMiB(), resources.gpus());
    }

    static Amounts of(long milliCpus, long memoryMiB, long gpus) {
        return new Amounts(shown(milliCpus, 3), shown(memoryMiB, 0), shown(gpus, 0));
    }

    private static @Nullable BigDecimal shown(long amount, int decimals) {
        return amount == Limits.UNLIMITED
                ? null
                : BigDecimal.valueOf(amount, decimals).stripTrailingZeros();
    }
}
