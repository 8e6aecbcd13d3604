package io.shusuan.agent.scheduling;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.config.proto.ModelConfig;
import io.shusuan.agent.config.proto.ModelInstanceGroup;
import io.shusuan.agent.config.proto.ModelRateLimiter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets an instance run only while the resources it names are free. What the command line does not limit is there as often as the most
 * demanding instance needs it. Of several that wait, the one goes first that has run least, counted {@code priority} times; one that does
 * not fit keeps those behind it from taking what it needs, so that none waits for ever. An instance waits for no longer than those before
 * it run.
 */
public final class RateLimiter {
    private final Map<String, Integer> limits;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Claim> known = new ArrayList<>();
    private final List<Claim> waiting = new ArrayList<>();
    private final Map<String, Integer> used = new HashMap<>();
    private long arrivals;

    /**
     * @param limits how often a resource is there, by its name
     */
    public RateLimiter(Map<String, Integer> limits) {
        this.limits = Map.copyOf(limits);
    }

    /** What one instance needs while it runs. Belongs to the limiter's lock. */
    public final class Claim {
        private final Map<String, Integer> needs;
        private final Map<String, Boolean> global;
        private final long weight;
        private final Condition granted = lock.newCondition();
        private long runs;
        private long arrival;
        private boolean isGranted;

        private Claim(ModelRateLimiter asked) {
            var needed = new HashMap<String, Integer>();
            var everywhere = new HashMap<String, Boolean>();
            for (var resource : asked.getResourcesList()) {
                needed.merge(resource.getName(), resource.getCount(), Integer::sum);
                everywhere.put(resource.getName(), resource.getGlobal());
            }
            this.needs = Map.copyOf(needed);
            this.global = Map.copyOf(everywhere);
            this.weight = Math.max(1, Integer.toUnsignedLong(asked.getPriority()));
        }

        /** Waits for the resources, runs, and gives them back. */
        void run(Runnable work) throws InterruptedException {
            acquire(this);
            try {
                work.run();
            } finally {
                release(this);
            }
        }

        private long share() {
            return runs * weight;
        }
    }

    /**
     * The claims of a model's instances, in their order.
     *
     * @throws LoadException when one of them could never run
     */
    public List<Claim> register(ModelConfig config) throws LoadException {
        var claims = new ArrayList<Claim>();
        for (ModelInstanceGroup group : config.getInstanceGroupList()) {
            for (int i = 0; i < group.getCount(); i++) {
                claims.add(new Claim(group.getRateLimiter()));
            }
        }
        lock.lock();
        try {
            for (var claim : claims) {
                check(claim, claims);
            }
            known.addAll(claims);
            return List.copyOf(claims);
        } finally {
            lock.unlock();
        }
    }

    private void check(Claim claim, List<Claim> beside) throws LoadException {
        for (var need : claim.needs.entrySet()) {
            var name = need.getKey();
            var limit = limits.get(name);
            if (limit != null && limit < need.getValue()) {
                throw new LoadException("Resource count for \"" + name + "\" is limited to " + limit
                        + " which will prevent scheduling of one or more model instances, the minimum required count is "
                        + need.getValue());
            }
            for (var other : List.of(known, beside)) {
                if (other.stream()
                        .anyMatch(each -> each.global.containsKey(name)
                                && !each.global.get(name).equals(claim.global.get(name)))) {
                    throw new LoadException("Resource \"" + name
                            + "\" is present as both global and device-specific resource in the model configuration.");
                }
            }
        }
    }

    /** The instances are gone. */
    public void unregister(List<Claim> claims) {
        lock.lock();
        try {
            known.removeAll(claims);
        } finally {
            lock.unlock();
        }
    }

    private void acquire(Claim claim) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            claim.arrival = arrivals++;
            waiting.add(claim);
            grant();
            while (!claim.isGranted) {
                claim.granted.await();
            }
        } finally {
            waiting.remove(claim);
            lock.unlock();
        }
    }

    private void release(Claim claim) {
        lock.lock();
        try {
            claim.isGranted = false;
            claim.runs++;
            claim.needs.forEach((name, count) -> used.merge(name, -count, Integer::sum));
            grant();
        } finally {
            lock.unlock();
        }
    }

    private void grant() {
        var reserved = new HashSet<String>();
        waiting.sort(Comparator.comparingLong(Claim::share).thenComparingLong(claim -> claim.arrival));
        for (var claim : waiting) {
            if (claim.isGranted) {
                continue;
            }
            if (claim.needs.keySet().stream().anyMatch(reserved::contains) || !fits(claim)) {
                reserved.addAll(claim.needs.keySet());
                continue;
            }
            claim.needs.forEach((name, count) -> used.merge(name, count, Integer::sum));
            claim.isGranted = true;
            claim.granted.signal();
        }
    }

    private boolean fits(Claim claim) {
        return claim.needs.entrySet().stream()
                .allMatch(need -> used.getOrDefault(need.getKey(), 0) + need.getValue() <= available(need.getKey()));
    }

    private int available(String name) {
        var limit = limits.get(name);
        return limit != null
                ? limit
                : known.stream()
                        .mapToInt(claim -> claim.needs.getOrDefault(name, 0))
                        .max()
                        .orElse(0);
    }
}
