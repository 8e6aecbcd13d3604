package io.shusuan.scheduler.queue;

import io.shusuan.scheduler.queue.Option.Size;
import io.shusuan.scheduler.queue.Victim.Grounds;
import io.shusuan.scheduler.queue.quota.Account;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds victims that cost little: as few GPU-hours of lost work as can be found, and nobody without need. */
final class Takeovers {

    private final Books books;
    private final Moment now;
    private int evictionsLeft;
    private boolean nobodyWasEvicted = true;
    private @Nullable Map<Account, List<Tenant>> evictable;

    Takeovers(Books books, Snapshot snapshot) {
        this.books = books;
        now = snapshot.time();
        evictionsLeft = snapshot.rules().evictions();
    }

    @Nullable
    Takeover find(Candidate candidate) {
        if (evictionsLeft <= 0) {
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
        var allowed = allowed(rights);
        if (allowed.isEmpty()) {
            return null;
        }
        var found = new VictimSearch(books, candidate, size, rights, now).search(allowed);
        return found != null && (found.victims().size() <= evictionsLeft || nobodyWasEvicted) ? found : null;
    }

    void begin(Takeover takeover) {
        nobodyWasEvicted = false;
        evictionsLeft -= takeover.victims().size();
        takeover.victims().forEach(books::leaves);
    }

    /** Whose eviction costs the least for each GPU comes first. Queues out of reach cost nothing but a look at the queue. */
    private List<Tenant> allowed(EvictionRights rights) {
        var allowed = new ArrayList<Tenant>();
        evictable().forEach((account, tenants) -> {
            if (rights.mayReach(account)) {
                tenants.stream()
                        .filter(tenant -> !tenant.isLeaving() && rights.mayEver(tenant))
                        .forEach(allowed::add);
            }
        });
        allowed.sort(this::inOrderOfLoss);
        return allowed;
    }

    /** Those of each queue, each in its order, so that putting several together is little work. */
    private Map<Account, List<Tenant>> evictable() {
        if (evictable == null) {
            evictable = new LinkedHashMap<>();
            for (var tenant : books.tenants) {
                if (tenant.account != null && tenant.isEvictable(now)) {
                    evictable
                            .computeIfAbsent(tenant.account, account -> new ArrayList<>())
                            .add(tenant);
                }
            }
            evictable.values().forEach(tenants -> tenants.sort(this::inOrderOfLoss));
        }
        return evictable;
    }

    private int inOrderOfLoss(Tenant one, Tenant other) {
        if (one.lost(now) != other.lost(now)) {
            return Long.compare(one.lost(now), other.lost(now));
        }
        var byPriority = Integer.compare(one.running.priority(), other.running.priority());
        return byPriority != 0 ? byPriority : one.running.job().compareTo(other.running.job());
    }

    static Victim victim(Tenant tenant, Grounds grounds, Moment now) {
        return new Victim(
                tenant.running.job(), tenant.running.queue(), tenant.gpus, tenant.running.lostAt(now), grounds);
    }
}
