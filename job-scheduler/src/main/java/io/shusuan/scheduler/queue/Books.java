package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.placement.Placement;
import io.shusuan.scheduler.queue.placement.Placer;
import io.shusuan.scheduler.queue.placement.Plan;
import io.shusuan.scheduler.queue.placement.Room;
import io.shusuan.scheduler.queue.placement.Site;
import io.shusuan.scheduler.queue.placement.Space;
import io.shusuan.scheduler.queue.quota.Account;
import io.shusuan.scheduler.queue.quota.Charge;
import io.shusuan.scheduler.queue.quota.Ledger;
import io.shusuan.scheduler.queue.quota.Tree;
import java.util.ArrayList;
import java.util.List;

/**
 * What is taken of quotas and nodes while a cycle goes on.
 *
 * <p>Three ledgers: {@code held} is what runs or leaves, and who was admitted; {@code claimed} is without those that leave,
 * but with those for whom they do; {@code planned} is that, and what is kept for later. Whoever is admitted fits in all of
 * them, save that nobody's plans keep a queue from what it owns.
 */
final class Books {

    final Site site;
    final Tree tree;
    final Ledger empty;
    final Ledger held;
    final Ledger claimed;
    final Ledger planned;
    final Space space;
    final Users users = new Users();
    final List<Tenant> tenants;

    /** Who runs from this cycle on. */
    final List<Tenant> admitted = new ArrayList<>();

    final Placer open;
    final Placer afterDepartures;
    private boolean someLeave;

    Books(Snapshot snapshot) {
        site = snapshot.site();
        tree = new Tree(snapshot.cohorts());
        empty = new Ledger(tree, snapshot.recent());
        held = empty.copy();
        claimed = empty.copy();
        var now = Room.of(site, true);
        var later = now.copy();
        tenants = new ArrayList<>(snapshot.running().size());
        for (var running : snapshot.running()) {
            var tenant = new Tenant(running, tree, site);
            tenants.add(tenant);
            tenant.enter(held);
            tenant.enter(now);
            if (tenant.account != null) {
                users.add(tenant.account, running.user(), tenant.charge);
            }
            if (tenant.isLeaving()) {
                someLeave = true;
            } else {
                tenant.enter(claimed);
                tenant.enter(later);
            }
        }
        planned = claimed.copy();
        space = new Space(now, later);
        open = new Placer(site, space.open());
        afterDepartures = new Placer(site, space.planned());
    }

    boolean someLeave() {
        return someLeave;
    }

    /** Whether the quota is there for somebody who is admitted now. */
    boolean allow(Account queue, String user, Charge charge) {
        return held.fits(queue, charge) && allowLater(queue, user, charge);
    }

    /** Whether the quota is there once those are gone that leave. */
    boolean allowLater(Account queue, String user, Charge charge) {
        return claimed.fits(queue, charge)
                && (planned.fits(queue, charge) || ownsWith(queue, charge))
                && users.allow(queue, user, charge);
    }

    /** Whether the queue, with all that it was promised and this, stays within what is its own. */
    boolean ownsWith(Account queue, Charge charge) {
        planned.use(queue, charge);
        var owns = planned.ownsAll(queue, charge);
        planned.release(queue, charge);
        return owns;
    }

    Placement admit(Candidate candidate, Size size, Plan plan, Moment now) {
        var placement = plan.placement(site);
        admitted.add(new Tenant(candidate.waiting.runningAt(placement, now), tree, site));
        held.use(candidate.request.account, size.charge());
        plan.steps().forEach(step -> space.take(step.node(), step.need().role().perTask(), step.tasks()));
        enter(candidate, size);
        return placement;
    }

    void claim(Candidate candidate, Size size, Plan plan) {
        plan.steps()
                .forEach(step ->
                        space.takePlanned(step.node(), step.need().role().perTask(), step.tasks()));
        enter(candidate, size);
    }

    private void enter(Candidate candidate, Size size) {
        claimed.use(candidate.request.account, size.charge());
        planned.use(candidate.request.account, size.charge());
        users.add(candidate.request.account, candidate.waiting.user(), size.charge());
    }

    /** As if it had left, until it returns. */
    void without(Tenant tenant) {
        tenant.leave(held);
        tenant.leave(claimed);
        tenant.leave(planned);
        tenant.onNodes(space::give);
        if (tenant.account != null) {
            users.remove(tenant.account, tenant.running.user(), tenant.charge);
        }
    }

    void returns(Tenant tenant) {
        tenant.enter(held);
        tenant.enter(claimed);
        tenant.enter(planned);
        tenant.onNodes(space::take);
        if (tenant.account != null) {
            users.add(tenant.account, tenant.running.user(), tenant.charge);
        }
    }

    void leaves(Tenant tenant) {
        someLeave = true;
        tenant.leaves();
        tenant.leave(claimed);
        tenant.leave(planned);
        tenant.onNodes(space::givePlanned);
    }
}
