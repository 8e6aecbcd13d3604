package io.shusuan.scheduler.sharing;

import io.shusuan.db.job.Resources;
import io.shusuan.db.queue.QueueName;
import io.shusuan.scheduler.queue.quota.Charge;
import io.shusuan.scheduler.queue.quota.FlavourName;
import io.shusuan.scheduler.queue.quota.Ledger;
import io.shusuan.scheduler.queue.quota.Tree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the jobs of each queue have of each flavour now, as their placements say. */
public record Uses(List<Use> all) {

    public Uses {
        all = List.copyOf(all);
    }

    /** What a queue has of a flavour. */
    public record Use(QueueName queue, FlavourName flavour, Resources amount) {}

    public List<Use> of(QueueName queue) {
        return all.stream().filter(use -> use.queue().equals(queue)).toList();
    }

    /** How everybody stands who has a part in this. */
    public Balances balances(Sharing sharing) {
        var tree = new Tree(sharing.tree());
        return new Balances(tree, ledger(tree, sharing));
    }

    private Ledger ledger(Tree tree, Sharing sharing) {
        var ledger = new Ledger(tree, Map.of());
        sharing.queues().forEach(queue -> {
            var account = tree.queue(queue.name());
            if (account != null) {
                ledger.use(account, charge(tree, queue.name()));
            }
        });
        return ledger;
    }

    /** Which queues would use more than they could have, in words. */
    List<String> beyond(Sharing sharing) {
        var tree = new Tree(sharing.tree());
        var ledger = ledger(tree, sharing);
        var said = new ArrayList<String>();
        for (var queue : sharing.queues()) {
            var account = tree.queue(queue.name());
            var charge = charge(tree, queue.name());
            if (account == null || ledger.isSound(account, charge)) {
                continue;
            }
            ledger.release(account, charge);
            var lack = ledger.lack(account, charge);
            ledger.use(account, charge);
            if (lack != null) {
                said.add("queue %s uses %s %s and could have %s"
                        .formatted(
                                queue.name(),
                                lack.resource().text(lack.asked()),
                                lack.what(),
                                lack.resource().text(lack.free())));
            }
        }
        return said;
    }

    private Charge charge(Tree tree, QueueName queue) {
        var sum = tree.sum();
        of(queue).forEach(use -> sum.add(tree.flavour(use.flavour()), use.amount(), 1));
        return sum.charge();
    }
}
