package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.Delegate;
import io.shusuan.db.queue.QueueName;
import io.shusuan.db.queue.QueueState;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Quota;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes queues for tests: what a test does not say is as with a new queue. */
public final class QueueMaker {

    private final QueueName name;
    private @Nullable CohortName cohort;
    private Preemption preemption = Preemption.NONE;
    private Duration grace = QueueSettings.USUAL_GRACE;
    private @Nullable Duration readyWithin;
    private Limits perUser = Limits.ANY;
    private Budget budget = Budget.ANY;
    private IdlePolicy idle = IdlePolicy.NONE;
    private @Nullable Delegate delegate;
    private List<Quota> quotas = List.of();

    private QueueMaker(QueueName name) {
        this.name = name;
    }

    public static QueueMaker queue(String name) {
        return new QueueMaker(new QueueName(name));
    }

    public QueueMaker in(@Nullable String group) {
        cohort = group == null ? null : new CohortName(group);
        return this;
    }

    public QueueMaker preempting(Preemption whom) {
        preemption = whom;
        return this;
    }

    public QueueMaker grace(Duration time) {
        grace = time;
        return this;
    }

    public QueueMaker readyWithin(Duration time) {
        readyWithin = time;
        return this;
    }

    public QueueMaker perUser(Limits each) {
        perUser = each;
        return this;
    }

    public QueueMaker budget(Budget hours) {
        budget = hours;
        return this;
    }

    public QueueMaker idle(IdlePolicy policy) {
        idle = policy;
        return this;
    }

    public QueueMaker handedTo(@Nullable Delegate scheduler) {
        delegate = scheduler;
        return this;
    }

    public QueueMaker owning(Quota... owned) {
        quotas = List.of(owned);
        return this;
    }

    public QueueSettings make() {
        return new QueueSettings(
                name,
                QueueState.OPEN,
                cohort,
                1,
                preemption,
                grace,
                readyWithin,
                perUser,
                budget,
                idle,
                PriorityLimits.ANY,
                delegate,
                quotas);
    }
}
