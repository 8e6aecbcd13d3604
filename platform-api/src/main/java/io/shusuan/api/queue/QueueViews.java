package io.shusuan.api.queue;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.PriorityClassName;
import io.shusuan.db.queue.Queue;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Reclaim;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.sharing.Balances;
import io.shusuan.scheduler.sharing.Budget;
import io.shusuan.scheduler.sharing.IdlePolicy;
import io.shusuan.scheduler.sharing.PriorityLimits;
import io.shusuan.scheduler.sharing.QueueSettings;
import io.shusuan.scheduler.sharing.Uses;
import io.swagger.v3.oas.annotations.media.Schema;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the API shows of queues, and takes. */
final class QueueViews {

    private QueueViews() {}

    /**
     * How a queue stands with a flavour that it has a quota of, or uses.
     *
     * @param amount what its jobs have
     * @param borrowed how much of that is beyond what it owns; without what it owns any amount of
     * @param lent how much of what it owns others use; likewise
     * @param most how much it could have if nobody else used anything; what is missing has no limit
     */
    @Schema(name = "QueueUse")
    record Use(String flavour, Amounts amount, Amounts borrowed, Amounts lent, Amounts most) {

        static List<Use> of(QueueSettings queue, Uses uses, Balances balances) {
            var amounts = uses.of(queue.name()).stream()
                    .collect(
                            Collectors.toMap(Uses.Use::flavour, Uses.Use::amount, Resources::plus, LinkedHashMap::new));
            var owned = new LinkedHashMap<FlavourName, Limits>();
            queue.quotas().forEach(quota -> owned.put(quota.flavour(), quota.nominal()));
            return Stream.concat(owned.keySet().stream(), amounts.keySet().stream())
                    .distinct()
                    .map(flavour -> of(
                            queue.name(),
                            flavour,
                            amounts.getOrDefault(flavour, Resources.NONE),
                            owned.getOrDefault(flavour, Limits.ANY),
                            balances))
                    .toList();
        }

        private static Use of(QueueName queue, FlavourName flavour, Resources amount, Limits owned, Balances balances) {
            return new Use(
                    flavour.value(),
                    Amounts.of(amount),
                    amounts(each ->
                            isLimited(each, owned) ? Math.max(0, each.of(amount) - each.of(owned)) : Limits.UNLIMITED),
                    amounts(each -> isLimited(each, owned)
                            ? balances.of(queue, flavour, each).lent()
                            : Limits.UNLIMITED),
                    amounts(each -> balances.of(queue, flavour, each).most()));
        }

        private static boolean isLimited(Resource resource, Limits owned) {
            return resource.of(owned) != Limits.UNLIMITED;
        }

        private static Amounts amounts(ToLongFunction<Resource> of) {
            return Amounts.of(
                    of.applyAsLong(Resource.CPU), of.applyAsLong(Resource.MEMORY), of.applyAsLong(Resource.GPU));
        }
    }

    /**
     * GPU-hours of a month; what is not named has no limit.
     *
     * @param gpuHours of all jobs of the queue
     * @param userGpuHours of those of one user
     */
    @Schema(name = "Budget")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record BudgetView(
            @Nullable BigDecimal gpuHours, @Nullable BigDecimal userGpuHours) {

        static BudgetView of(Budget budget) {
            return new BudgetView(plain(budget.gpuHours()), plain(budget.userGpuHours()));
        }

        private static @Nullable BigDecimal plain(@Nullable BigDecimal hours) {
            return hours == null ? null : hours.stripTrailingZeros();
        }
    }

    /**
     * What becomes of jobs all of whose GPUs are measured to do nothing.
     *
     * @param action NONE, WARN (on the job), NOTIFY (its owner as well) or STOP (after the warning and the grace)
     * @param afterSeconds how long they may do nothing
     * @param graceSeconds how long after the warning a job is stopped
     */
    @Schema(name = "IdlePolicy")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record IdleView(
            @Schema(implementation = IdlePolicy.Action.class) @Nullable
            String action,

            @Nullable BigDecimal afterSeconds,
            @Nullable BigDecimal graceSeconds) {

        static IdleView of(IdlePolicy policy) {
            return new IdleView(
                    policy.action().name(),
                    BigDecimal.valueOf(policy.after().toSeconds()),
                    BigDecimal.valueOf(policy.grace().toSeconds()));
        }
    }

    /**
     * Which priorities the jobs of a queue may ask for.
     *
     * @param classes the only ones that they may be of, which leaves those of none with priorities up to 0; missing: any
     * @param highest missing: no limit
     */
    @Schema(name = "PriorityLimits")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PrioritiesView(
            @Nullable List<String> classes, @Nullable BigDecimal highest) {

        static @Nullable PrioritiesView of(PriorityLimits limits) {
            if (limits.isAny()) {
                return null;
            }
            var highest = limits.highest();
            return new PrioritiesView(
                    limits.classes().isEmpty()
                            ? null
                            : limits.classes().stream()
                                    .map(PriorityClassName::value)
                                    .toList(),
                    highest == null ? null : BigDecimal.valueOf(highest));
        }
    }

    /**
     * A queue.
     *
     * @param preemptsLowerPriority whether its jobs evict jobs of lower priority of the same queue
     * @param reclaim from whom it takes back what it owns and others have borrowed
     * @param preemptsForFairShare whether its jobs evict what others have borrowed beyond their fair share
     * @param minimumRunSeconds how long its own jobs run before they may be evicted
     * @param graceSeconds how long their tasks may go on to save their work then, as of their admission
     * @param readyWithinSeconds how long it may take until all tasks of a job are ready, before it is evicted; missing: any time
     * @param cohort the group of queues that it lends to and borrows from
     * @param perUser what the jobs of one user may have together
     * @param budget what may be spent in a calendar month of UTC, before jobs that ask for GPUs have to wait for the next
     * @param idle what becomes of jobs whose GPUs do nothing
     * @param priorities which its jobs may ask for; missing: any
     * @param delegate the scheduler that admits its jobs; missing: the platform does, and only then all the limits here count
     * @param quotas in the order in which its flavours are tried; if it has none, it may use all that there is
     * @param used what its jobs have now
     */
    @Schema(name = "Queue")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record View(
            String name,
            QueueState state,
            Instant createdAt,
            @Nullable String cohort,
            double weight,
            boolean preemptsLowerPriority,
            Reclaim reclaim,
            boolean preemptsForFairShare,
            long minimumRunSeconds,
            long graceSeconds,
            @Nullable Long readyWithinSeconds,
            Amounts perUser,
            BudgetView budget,
            IdleView idle,
            @Nullable PrioritiesView priorities,
            @Nullable DelegateView delegate,
            List<QuotaView> quotas,
            List<Use> used) {

        static View of(Queue queue, QueueSettings settings, Uses uses, Balances balances) {
            return new View(
                    queue.name().value(),
                    queue.state(),
                    queue.createdAt(),
                    settings.cohort() == null ? null : settings.cohort().value(),
                    settings.weight(),
                    settings.preemption().lowerPriority(),
                    settings.preemption().reclaim(),
                    settings.preemption().fairShare(),
                    settings.preemption().minimumRun().toSeconds(),
                    settings.grace().toSeconds(),
                    settings.readyWithin() == null
                            ? null
                            : settings.readyWithin().toSeconds(),
                    Amounts.of(settings.perUser()),
                    BudgetView.of(settings.budget()),
                    IdleView.of(settings.idle()),
                    PrioritiesView.of(settings.priorities()),
                    settings.delegate() == null ? null : DelegateView.of(settings.delegate()),
                    settings.quotas().stream().map(QuotaView::of).toList(),
                    Use.of(settings, uses, balances));
        }
    }

    /** What of a queue can be changed. */
    @Schema(name = "QueueSettings")
    record Body(
            @Nullable String cohort,
            @Nullable Double weight,
            @Nullable Boolean preemptsLowerPriority,

            @Schema(implementation = Reclaim.class) @Nullable
            String reclaim,

            @Nullable Boolean preemptsForFairShare,
            @Nullable BigDecimal minimumRunSeconds,
            @Nullable BigDecimal graceSeconds,
            @Nullable BigDecimal readyWithinSeconds,
            @Nullable Amounts perUser,
            @Nullable BudgetView budget,
            @Nullable IdleView idle,
            @Nullable PrioritiesView priorities,
            @Nullable DelegateView delegate,
            @Nullable List<QuotaView> quotas) {}
}
