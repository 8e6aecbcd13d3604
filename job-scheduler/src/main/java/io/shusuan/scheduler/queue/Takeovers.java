package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.Victim.Grounds;
import io.shusuan.scheduler.queue.quota.Account;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds victims that cost little: as few GPU-hours of lost work as can be found, and nobody without need. */
final class Takeovers {

    private final Books books;
    private final Moment now;
    private int evictionsLeft;
    private @Nullable List<Tenant> evictable;
    private final Map<Account, List<Tenant>> evictableOf = new HashMap<>();

    Takeovers(Books books, Snapshot snapshot) {
        this.books = books;
        now = snapshot.time();
        evictionsLeft = snapshot.rules().evictions();
    }

    @Nullable
    Takeover find(Candidate candidate) {
        if (evictionsLeft == 0) {
            return null;
        }
        Takeover cheapest = null;
        for (var option : candidate.request.options) {
            var size = option.least();
            if (!books.users.allow(candidate.request.account, candidate.waiting.user(), size.charge())) {
                continue;
            }
            var found = find(candidate, size);
            if (found != null && (cheapest == null || found.waste() < cheapest.waste())) {
                cheapest = found;
            }
        }
        return cheapest;
    }

    private @Nullable Takeover find(Candidate candidate, Size size) {
        var rights = new EvictionRights(candidate, size, books);
        var pool = rights.reachOthers() ? evictable() : evictableOf(candidate.request.account);
        var allowed = pool.stream()
                .filter(tenant -> !tenant.isLeaving() && rights.mayEver(tenant))
                .toList();
        if (allowed.isEmpty()) {
            return null;
        }
        var found = new VictimSearch(books, candidate, size, rights, now).search(allowed);
        return found != null && found.victims().size() <= evictionsLeft ? found : null;
    }

    void begin(Takeover takeover) {
        evictionsLeft -= takeover.victims().size();
        takeover.victims().forEach(books::leaves);
    }

    /** Whose eviction costs the least for each GPU comes first. */
    private List<Tenant> evictable() {
        if (evictable == null) {
            evictable = books.tenants.stream()
                    .filter(this::isEvictable)
                    .sorted(Comparator.comparingLong((Tenant tenant) -> tenant.lost(now))
                            .thenComparingInt(tenant -> tenant.running.priority())
                            .thenComparing(tenant -> tenant.running.job()))
                    .toList();
            for (var tenant : evictable) {
                if (tenant.account != null) {
                    evictableOf
                            .computeIfAbsent(tenant.account, account -> new ArrayList<>())
                            .add(tenant);
                }
            }
        }
        return evictable;
    }

    private List<Tenant> evictableOf(Account account) {
        evictable();
        return evictableOf.getOrDefault(account, List.of());
    }

    private boolean isEvictable(Tenant tenant) {
        return tenant.account != null
                && tenant.running.evictable()
                && !tenant.isLeaving()
                && now.since(tenant.running.started())
                                .compareTo(tenant.account.rules().preemption().minimumRun())
                        >= 0;
    }

    static Victim victim(Tenant tenant, Grounds grounds, Moment now) {
        return new Victim(
                tenant.running.job(), tenant.running.queue(), tenant.gpus, tenant.running.lostAt(now), grounds);
    }
}
