package io.shusuan.scheduler.job;

import io.shusuan.db.job.JobId;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.Hold;
import io.shusuan.scheduler.queue.WaitReason;
import io.shusuan.scheduler.queue.Waiting;
import io.shusuan.scheduler.sharing.Budget;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Sharing;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Holds back what asks for GPUs where the budget of the month is spent. What runs goes on, after an eviction, too: a budget is for
 * planning, and whoever must not use more at once has a quota. Months are those of UTC.
 */
@Component
class Spending {

    /** Accounts grow slowly: so long what was read is good enough. */
    private static final Duration AGE = Duration.ofSeconds(15);

    private final JdbcClient jdbc;
    private volatile Spent known = Spent.NOTHING;

    Spending(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Account(QueueName queue, String user) {}

    /** @param queues of which it is known; whatever others have spent is nobody's concern */
    private record Spent(
            Instant read,
            YearMonth month,
            Set<QueueName> queues,
            Map<QueueName, BigDecimal> byQueue,
            Map<Account, BigDecimal> byUser) {

        static final Spent NOTHING = new Spent(Instant.EPOCH, YearMonth.of(1970, 1), Set.of(), Map.of(), Map.of());

        boolean isGoodFor(Set<QueueName> asked, YearMonth at, Instant now) {
            return month.equals(at) && now.isBefore(read.plus(AGE)) && queues.containsAll(asked);
        }
    }

    /**
     * The same jobs, those that may not begin this month with the reason.
     *
     * @param pledged who may in any case, since it was evicted and goes on, or others were evicted for it
     */
    List<Waiting> hold(List<Waiting> waiting, Set<JobId> pledged, Sharing shares, Instant now) {
        Map<QueueName, Budget> budgets = shares.queues().stream()
                .filter(queue -> !queue.budget().isAny())
                .collect(Collectors.toMap(QueueSettings::name, QueueSettings::budget));
        if (budgets.isEmpty()) {
            return waiting;
        }
        var spent = spent(budgets.keySet(), now);
        return waiting.stream()
                .map(job -> Optional.ofNullable(budgets.get(job.queue()))
                        .filter(budget -> job.hold() == null && !pledged.contains(job.job()) && asksForGpus(job))
                        .flatMap(budget -> hold(job, budget, spent))
                        .map(job::held)
                        .orElse(job))
                .toList();
    }

    private static boolean asksForGpus(Waiting job) {
        return job.ask().roles().stream().anyMatch(role -> role.perTask().gpus() > 0);
    }

    private static Optional<Hold> hold(Waiting job, Budget budget, Spent spent) {
        if (isSpent(spent.byQueue().get(job.queue()), budget.gpuHours())) {
            return Optional.of(hold("queue " + job.queue(), budget.gpuHours(), spent.month()));
        }
        var account = new Account(job.queue(), job.user());
        if (isSpent(spent.byUser().get(account), budget.userGpuHours())) {
            return Optional.of(hold(job.user() + " in queue " + job.queue(), budget.userGpuHours(), spent.month()));
        }
        return Optional.empty();
    }

    private static boolean isSpent(@Nullable BigDecimal spent, @Nullable BigDecimal budget) {
        return budget != null && (spent == null ? BigDecimal.ZERO : spent).compareTo(budget) >= 0;
    }

    private static Hold hold(String who, @Nullable BigDecimal budget, YearMonth month) {
        return new Hold(
                WaitReason.BUDGET_SPENT,
                "the budget of %s for %s, %s GPU-hours, is spent; it begins anew on %s"
                        .formatted(
                                who,
                                month,
                                budget == null
                                        ? ""
                                        : budget.stripTrailingZeros().toPlainString(),
                                month.plusMonths(1).atDay(1)));
    }

    private Spent spent(Set<QueueName> queues, Instant now) {
        var month = YearMonth.from(now.atOffset(ZoneOffset.UTC));
        var before = known;
        if (before.isGoodFor(queues, month, now)) {
            return before;
        }
        var byQueue = new HashMap<QueueName, BigDecimal>();
        var byUser = new HashMap<Account, BigDecimal>();
        jdbc.sql("""
                        select queue, owner, sum(gpus * extract(epoch from least(ended, :now) - greatest(began, :begins))) / 3600 as hours
                          from holdings
                         where gpus > 0 and queue = any(:queues) and coalesce(ended, 'infinity') > :begins and began < :now
                         group by queue, owner""")
                .param("queues", queues.stream().map(QueueName::value).toArray(String[]::new))
                .param("begins", month.atDay(1).atStartOfDay().atOffset(ZoneOffset.UTC))
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(row -> {
                    var queue = new QueueName(row.getString("queue"));
                    var hours = row.getBigDecimal("hours");
                    byQueue.merge(queue, hours, BigDecimal::add);
                    byUser.put(new Account(queue, row.getString("owner")), hours);
                });
        var read = new Spent(now, month, Set.copyOf(queues), byQueue, byUser);
        known = read;
        return read;
    }
}
