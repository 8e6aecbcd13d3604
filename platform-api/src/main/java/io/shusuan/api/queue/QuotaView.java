package io.shusuan.api.queue;

import io.shusuan.scheduler.queue.quota.Quota;
import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a queue or cohort has of a flavour.
 *
 * @param nominal what it owns
 * @param borrowing how much more it may use while others leave it unused; without limit, if missing
 * @param lending how much of its own it lends; all of it, if missing
 */
@Schema(name = "Quota")
record QuotaView(
        @Nullable String flavour,
        @Nullable Amounts nominal,
        @Nullable Amounts borrowing,
        @Nullable Amounts lending) {

    static QuotaView of(Quota quota) {
        return new QuotaView(
                quota.flavour().value(),
                Amounts.of(quota.nominal()),
                Amounts.of(quota.borrowing()),
                Amounts.of(quota.lending()));
    }
}
