package io.shusuan.web.queue;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Uses;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;

/**
 * How much a queue, or a cohort with all its members, uses of a resource of a flavour of which there is a quota.
 *
 * @param what the key of the resource's name
 * @param used how much its jobs have
 * @param nominal how much it owns
 */
record QuotaLine(String flavour, String what, Resource resource, long used, long nominal) {

    /** All that the queue has a limit of, in the order of its quotas. */
    static List<QuotaLine> of(QueueSettings queue, Uses uses) {
        return of(queue.quotas(), uses.of(queue.name()));
    }

    /** All of which there is a limit, and how much of it these have together. */
    static List<QuotaLine> of(List<Quota> quotas, List<Uses.Use> uses) {
        return quotas.stream()
                .flatMap(quota -> {
                    var used = uses.stream()
                            .filter(use -> use.flavour().equals(quota.flavour()))
                            .map(Uses.Use::amount)
                            .reduce(Resources.NONE, Resources::plus);
                    return Arrays.stream(Resource.values())
                            .filter(resource -> resource.of(quota.nominal()) != Limits.UNLIMITED)
                            .map(resource -> new QuotaLine(
                                    quota.flavour().value(),
                                    name(resource),
                                    resource,
                                    resource.of(used),
                                    resource.of(quota.nominal())));
                })
                .toList();
    }

    private static String name(Resource resource) {
        return switch (resource) {
            case CPU -> "resource.cpu";
            case MEMORY -> "resource.memory";
            case GPU -> "resource.gpu";
        };
    }

    public String usedText() {
        return text(used);
    }

    public String nominalText() {
        return text(nominal);
    }

    public boolean borrows() {
        return used > nominal;
    }

    public String borrowedText() {
        return text(Math.max(0, used - nominal));
    }

    /** What it uses of its own, in percent of what it owns or, if that is more, of what it uses. */
    public long ownShare() {
        return share(Math.min(used, nominal));
    }

    public long borrowedShare() {
        return borrows() ? 100 - ownShare() : 0;
    }

    private long share(long amount) {
        var all = Math.max(used, nominal);
        return all == 0 ? 0 : Math.round(100.0 * amount / all);
    }

    private String text(long amount) {
        return switch (resource) {
            case GPU -> Long.toString(amount);
            case CPU -> BigDecimal.valueOf(amount, 3).stripTrailingZeros().toPlainString();
            case MEMORY -> amount % 1024 == 0 ? amount / 1024 + " GiB" : amount + " MiB";
        };
    }
}
