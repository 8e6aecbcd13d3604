package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.placement.Outlook;
import io.shusuan.scheduler.queue.placement.Placer;
import io.shusuan.scheduler.queue.placement.Room;
import io.shusuan.scheduler.queue.quota.Ledger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One search for victims: evicts, on paper, one after the other until the job fits, then lets everybody stay who need not have
 * gone, the dearest first. Done in two orders, of which the cheaper end is taken: by what is lost for each GPU, and node by
 * node, those first that are the cheapest to clear, which suits large tasks.
 */
final class VictimSearch {

    private final Books books;
    private final Candidate candidate;
    private final Size size;
    private final EvictionRights rights;
    private final Moment now;

    VictimSearch(Books books, Candidate candidate, Size size, EvictionRights rights, Moment now) {
        this.books = books;
        this.candidate = candidate;
        this.size = size;
        this.rights = rights;
        this.now = now;
    }

    @Nullable
    Takeover search(List<Tenant> byLossPerGpu) {
        var one = new Attempt().run(byLossPerGpu);
        if (one == null) {
            return null;
        }
        if (size.needs().stream().allMatch(need -> need.role().perTask().gpus() <= 1)) {
            return one; // any GPU will do, so there is nothing to clear
        }
        var other = new Attempt().run(byCheapestNode(byLossPerGpu));
        return other != null && other.waste() < one.waste() ? other : one;
    }

    private List<Tenant> byCheapestNode(List<Tenant> tenants) {
        var costs = new long[books.site.size()];
        for (var tenant : tenants) {
            for (var node : tenant.nodes()) {
                if (node >= 0) {
                    costs[node] += tenant.waste(now);
                }
            }
        }
        return tenants.stream()
                .map(tenant -> Priced.of(tenant, costs))
                .sorted(Comparator.comparingLong(Priced::cost).thenComparingInt(Priced::node))
                .map(Priced::tenant)
                .toList();
    }

    /** @param node the cheapest to clear of those that the tenant is on */
    private record Priced(Tenant tenant, long cost, int node) {

        static Priced of(Tenant tenant, long[] costs) {
            var cheapest = -1;
            for (var node : tenant.nodes()) {
                if (node >= 0 && (cheapest < 0 || costs[node] < costs[cheapest])) {
                    cheapest = node;
                }
            }
            return new Priced(tenant, cheapest < 0 ? Long.MAX_VALUE : costs[cheapest], cheapest);
        }
    }

    /** Evictions on paper. */
    private final class Attempt {

        private final Ledger ledger = rights.ledger();
        private final Room room = books.space.planned().copy();
        private final Outlook outlook = new Outlook(books.site, room, size.needs(), candidate.request.ask.proximity());
        private final Map<Tenant, Victim> victims = new HashMap<>();

        @Nullable
        Takeover run(List<Tenant> order) {
            for (var tenant : order) {
                evict(tenant);
                if (isEnough()) {
                    return takeover();
                }
            }
            return null;
        }

        private void evict(Tenant tenant) {
            var grounds = rights.grounds(tenant, ledger);
            if (grounds == null) {
                return;
            }
            var quotaIsShort = !ledger.isSound(candidate.request.account, size.charge());
            tenant.leave(ledger);
            tenant.leave(room);
            if (look(tenant) || quotaIsShort) {
                victims.put(tenant, Takeovers.victim(tenant, grounds, now));
            } else {
                stay(tenant);
            }
        }

        private void stay(Tenant tenant) {
            tenant.enter(ledger);
            tenant.enter(room);
            look(tenant);
        }

        private boolean look(Tenant tenant) {
            var matters = false;
            for (var node : tenant.nodes()) {
                matters |= node >= 0 && outlook.changed(node);
            }
            return matters;
        }

        private boolean isEnough() {
            return outlook.isMet() && ledger.isSound(candidate.request.account, size.charge()) && isPlaceable();
        }

        /** With several roles, places for each do not yet mean places for all. */
        private boolean isPlaceable() {
            var ask = candidate.request.ask;
            return size.needs().size() == 1
                    || new Placer(books.site, room).place(size.needs(), ask.proximity(), ask.packing()) != null;
        }

        private @Nullable Takeover takeover() {
            var dearestFirst = victims.keySet().stream()
                    .sorted(Comparator.comparingLong((Tenant tenant) -> -tenant.waste(now))
                            .thenComparing(tenant -> tenant.running.job()))
                    .toList();
            var needed = new ArrayList<Tenant>();
            for (var tenant : dearestFirst) {
                stay(tenant);
                if (!isEnough()) {
                    tenant.leave(ledger);
                    tenant.leave(room);
                    look(tenant);
                    needed.add(tenant);
                }
            }
            var ask = candidate.request.ask;
            var plan = new Placer(books.site, room).place(size.needs(), ask.proximity(), ask.packing());
            if (plan == null) {
                return null;
            }
            var told = needed.stream().map(victims::get).toList();
            var waste = needed.stream().mapToLong(tenant -> tenant.waste(now)).sum();
            return new Takeover(size, needed, told, plan, waste);
        }
    }
}
