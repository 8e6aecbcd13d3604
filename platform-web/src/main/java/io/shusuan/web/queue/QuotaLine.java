package io.shusuan.web.queue;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Quota;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.Balances;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Uses;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * How much a queue, or a cohort with all its members, uses of a resource of a flavour of which there is a quota.
 *
 * @param queue whose jobs these are; null for a cohort
 * @param what the key of the resource's name
 * @param used how much its jobs have
 * @param nominal how much it owns
 * @param lent how much of that others use
 * @param most how much it could have if nobody else used anything
 */
record QuotaLine(
        @Nullable QueueName queue,
        String flavour,
        String what,
        Resource resource,
        long used,
        long nominal,
        long lent,
        long most) {

    /** All that the queue has a limit of, in the order of its quotas. */
    static List<QuotaLine> of(QueueSettings queue, Uses uses, Balances balances) {
        return of(
                queue.name(),
                queue.quotas(),
                uses.of(queue.name()),
                (flavour, resource) -> balances.of(queue.name(), flavour, resource));
    }

    /** All of which there is a limit, and how much of it these have together. */
    static List<QuotaLine> of(CohortName cohort, List<Quota> quotas, List<Uses.Use> uses, Balances balances) {
        return of(null, quotas, uses, (flavour, resource) -> balances.of(cohort, flavour, resource));
    }

    private static List<QuotaLine> of(
            @Nullable QueueName queue,
            List<Quota> quotas,
            List<Uses.Use> uses,
            BiFunction<FlavourName, Resource, Balances.Balance> balances) {
        return quotas.stream()
                .flatMap(quota -> {
                    var used = uses.stream()
                            .filter(use -> use.flavour().equals(quota.flavour()))
                            .map(Uses.Use::amount)
                            .reduce(Resources.NONE, Resources::plus);
                    return Arrays.stream(Resource.values())
                            .filter(resource -> resource.of(quota.nominal()) != Limits.UNLIMITED)
                            .map(resource -> {
                                var balance = balances.apply(quota.flavour(), resource);
                                return new QuotaLine(
                                        queue,
                                        quota.flavour().value(),
                                        name(resource),
                                        resource,
                                        resource.of(used),
                                        resource.of(quota.nominal()),
                                        balance.lent(),
                                        balance.most());
                            });
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

    public boolean lends() {
        return lent > 0;
    }

    public String lentText() {
        return text(lent);
    }

    /** Whether it may have another amount than it owns, and not whatever there is. */
    public boolean hasLimit() {
        return most != Limits.UNLIMITED && most != nominal;
    }

    public String mostText() {
        return text(most);
    }

    /** What it uses of its own, in percent of the whole bar. */
    public long ownShare() {
        return share(Math.min(used, nominal));
    }

    /** What nobody uses of its own. */
    public long idleShare() {
        return Math.max(0, ownedShare() - ownShare() - lentShare());
    }

    public long lentShare() {
        return share(Math.min(lent, Math.max(0, nominal - used)));
    }

    public long borrowedShare() {
        return borrows() ? share(used) - ownShare() : 0;
    }

    /** Where in the bar ends what it owns. */
    public long ownedShare() {
        return share(nominal);
    }

    /** The bar is as long as what it could have or, if that has no limit, as what it owns or uses. */
    private long share(long amount) {
        var all = Math.max(Math.max(used, nominal), hasLimit() ? most : 0);
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
