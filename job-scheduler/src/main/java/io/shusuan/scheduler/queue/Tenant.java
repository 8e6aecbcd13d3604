package io.shusuan.scheduler.queue;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.placement.Placement.Spot;
import io.shusuan.scheduler.queue.placement.Room;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.Charge;
import io.shusuan.scheduler.queue.quota.Ledger;
import io.shusuan.scheduler.queue.quota.Tree;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A running job in the course of a cycle. Of a queue or node that is there no more, it holds nothing. */
final class Tenant {

    final Running running;
    final @Nullable Account account;
    final Charge charge;
    final long gpus;
    private final List<Spot> spots;
    private final int[] nodes;
    private boolean leaving;

    Tenant(Running running, Tree tree, Site site) {
        this.running = running;
        account = tree.queue(running.queue());
        spots = running.placement().spots();
        nodes = new int[spots.size()];
        leaving = running.departure() != null;
        var sum = tree.sum();
        var count = 0L;
        for (var i = 0; i < nodes.length; i++) {
            var spot = spots.get(i);
            nodes[i] = site.number(spot.node());
            sum.add(tree.flavour(spot.flavour()), spot.perTask(), spot.tasks());
            count += (long) spot.perTask().gpus() * spot.tasks();
        }
        charge = sum.charge();
        gpus = count;
    }

    boolean isLeaving() {
        return leaving;
    }

    void leaves() {
        leaving = true;
    }

    int[] nodes() {
        return nodes;
    }

    void enter(Ledger ledger) {
        if (account != null) {
            ledger.use(account, charge);
        }
    }

    void leave(Ledger ledger) {
        if (account != null) {
            ledger.release(account, charge);
        }
    }

    /** What is done with what it has of a node. */
    interface OnNode {
        void of(int node, Resources each, int tasks);
    }

    void onNodes(OnNode what) {
        for (var i = 0; i < nodes.length; i++) {
            if (nodes[i] >= 0) {
                what.of(nodes[i], spots.get(i).perTask(), spots.get(i).tasks());
            }
        }
    }

    void enter(Room room) {
        onNodes(room::take);
    }

    void leave(Room room) {
        onNodes(room::give);
    }

    /** Whether it has run for as long as its queue lets those who are evicted. */
    boolean isEvictable(Moment now) {
        return account != null
                && running.evictable()
                && !leaving
                && now.since(running.started())
                                .compareTo(account.rules().preemption().minimumRun())
                        >= 0;
    }

    long lost(Moment now) {
        return now.millis() - running.saved().millis();
    }

    long waste(Moment now) {
        return gpus * lost(now);
    }
}
