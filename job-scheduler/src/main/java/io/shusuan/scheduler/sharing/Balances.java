package io.shusuan.scheduler.sharing;

import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.CohortName;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Ledger;
import io.shusuan.scheduler.queue.quota.Limits;
import io.shusuan.scheduler.queue.quota.Resource;
import io.shusuan.scheduler.queue.quota.Tree;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What queues and cohorts have lent, and could have at most, by the books that the queue decides by. */
public final class Balances {

    private final Tree tree;
    private final Ledger ledger;
    private final Map<Integer, long[]> lent = new HashMap<>();

    Balances(Tree tree, Ledger ledger) {
        this.tree = tree;
        this.ledger = ledger;
    }

    /**
     * How an account stands.
     *
     * @param lent how much of its own others use now
     * @param most how much it could have if nobody else used anything; {@link Limits#UNLIMITED} for whatever there is
     */
    public record Balance(long lent, long most) {

        /** Of what is handed to another scheduler. */
        static final Balance NOT_OURS = new Balance(0, Limits.UNLIMITED);
    }

    public Balance of(QueueName queue, FlavourName flavour, Resource resource) {
        return of(tree.queue(queue), tree.place(flavour, resource));
    }

    public Balance of(CohortName cohort, FlavourName flavour, Resource resource) {
        var account = tree.accounts().stream()
                .filter(each -> !each.isQueue() && each.name().equals(cohort.value()))
                .findFirst()
                .orElse(null);
        return of(account, tree.place(flavour, resource));
    }

    private Balance of(@Nullable Account account, int place) {
        return account == null || place < 0
                ? Balance.NOT_OURS
                : new Balance(lent.computeIfAbsent(place, ledger::lent)[account.index()], Ledger.most(account, place));
    }
}
