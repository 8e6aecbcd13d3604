package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.Victim.Grounds;
import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.Ledger;
import io.shusuan.scheduler.queue.quota.Preemption;
import io.shusuan.scheduler.queue.quota.Reclaim;
import org.jspecify.annotations.Nullable;

/**
 * Whom a job may evict. Its own queue's jobs of lower priority; what others borrowed, when its queue, or a cohort it is in,
 * stays within its own with the job; and what others borrowed beyond the share that its queue has with the job.
 */
final class EvictionRights {

    private final Account account;
    private final int priority;
    private final Size size;
    private final Preemption rules;

    /** What is used when the job has what it asks for, and nobody was evicted yet. */
    private final Ledger after;

    EvictionRights(Candidate candidate, Size size, Books books) {
        this.size = size;
        account = candidate.request.account;
        priority = candidate.waiting.priority();
        rules = account.rules().preemption();
        var owner = books.ownsWith(account, size.charge());
        // What is kept for others does not bind who only wants its own.
        after = (owner ? books.claimed : books.planned).copy();
        after.use(account, size.charge());
    }

    Ledger ledger() {
        return after.copy();
    }

    /** Whether there could be a ground, whoever else is evicted. */
    boolean mayEver(Tenant tenant) {
        return tenant.charge.meets(size.charge()) && grounds(tenant, after) != null;
    }

    /** Whether any job of the queue could be evicted: asked first, since there are many more jobs than queues. */
    boolean mayReach(Account other) {
        if (other == account) {
            return rules.lowerPriority();
        }
        var rival = other.rivalOf(account);
        var mine = account.rivalOf(other);
        return after.borrows(other, rival, size.charge())
                && ((rules.reclaim() != Reclaim.NONE && after.ownsAll(mine, size.charge()))
                        || (rules.fairShare() && after.shareNow(rival) >= after.shareNow(mine)));
    }

    /** The ground on which it may be evicted, when so much is used. */
    @Nullable
    Grounds grounds(Tenant tenant, Ledger used) {
        var other = tenant.account;
        if (other == null) {
            return null;
        }
        if (other == account) {
            return rules.lowerPriority() && tenant.running.priority() < priority ? Grounds.LOWER_PRIORITY : null;
        }
        var rival = other.rivalOf(account);
        if (!used.borrows(other, rival, size.charge())) {
            return null;
        }
        var mine = account.rivalOf(other);
        if (mayReclaim(tenant) && after.ownsAll(mine, size.charge())) {
            return Grounds.RECLAIM;
        }
        return rules.fairShare() && isAboveAfterwards(tenant, used, rival, mine) ? Grounds.FAIR_SHARE : null;
    }

    private boolean mayReclaim(Tenant tenant) {
        return switch (rules.reclaim()) {
            case NONE -> false;
            case LOWER_PRIORITY -> tenant.running.priority() < priority;
            case ANY -> true;
        };
    }

    /** Even without it, its side is above ours with the job: so it cannot be taken back on the same ground. */
    private static boolean isAboveAfterwards(Tenant tenant, Ledger used, Account rival, Account mine) {
        tenant.leave(used);
        var above = used.shareNow(rival) >= used.shareNow(mine) && used.shareNow(rival) > 0;
        tenant.enter(used);
        return above;
    }
}
