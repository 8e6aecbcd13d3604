package io.shusuan.scheduler.queue.placement;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Chooses the nodes for like tasks inside a domain that is known to hold them. */
final class Distribution {

    private final Domains domains;
    private final Fit fit;
    private final Need need;
    private final Plan plan;
    private final int level;

    /** @param level the depth of the domains that tasks are balanced over */
    Distribution(Domains domains, Fit fit, Need need, Plan plan, int level) {
        this.domains = domains;
        this.fit = fit;
        this.need = need;
        this.plan = plan;
        this.level = level;
    }

    void distribute(int domain, Packing packing) {
        switch (packing) {
            case PACK -> pack(domain, need.tasks());
            case SPREAD -> spread(domain, need.tasks());
            case BALANCE -> balance(domain, need.tasks());
        }
    }

    /**
     * The fullest node that takes them all; if none does, the fullest member that takes them all; if none does, whole members,
     * the emptiest first, and the rest in the fullest that takes it. So few domains are touched, and large gaps are kept.
     */
    private void pack(int domain, int tasks) {
        if (domains.isNode(domain)) {
            plan.add(need, domains.node(domain), tasks);
            return;
        }
        var child = tasks <= fit.best(domain) ? tightest(domain, tasks, true) : tightest(domain, tasks, false);
        if (child >= 0) {
            pack(child, tasks);
            return;
        }
        var left = tasks;
        for (var member : emptiestFirst(domain, domains.depth(domain) + 1)) {
            if (left <= 0) {
                return;
            }
            if (fit.sum(member) >= left) {
                // The members behind this one are fuller: one of them may take the rest more tightly.
                pack(tightestBehind(domain, member, left), left);
                return;
            }
            pack(member, fit.sum(member));
            left -= fit.sum(member);
        }
    }

    private int tightest(int domain, int tasks, boolean onOneNode) {
        var found = -1;
        var least = Integer.MAX_VALUE;
        for (var i = 0; i < domains.children[domain]; i++) {
            var member = domains.firstChild[domain] + i;
            var room = onOneNode ? fit.best(member) : fit.sum(member);
            if (room >= tasks && room < least) {
                found = member;
                least = room;
            }
        }
        return found;
    }

    /** Of the members that have not been filled up, which are those with no more room than {@code first}, the tightest. */
    private int tightestBehind(int domain, int first, int tasks) {
        var found = first;
        for (var i = 0; i < domains.children[domain]; i++) {
            var member = domains.firstChild[domain] + i;
            if (fit.sum(member) >= tasks && fit.sum(member) < fit.sum(found)) {
                found = member;
            }
        }
        return found;
    }

    /** As few domains of the level as can hold them, each with the same number of tasks or, if that is less, as many as it takes. */
    private void balance(int domain, int tasks) {
        var members = emptiestFirst(domain, level);
        var used = 0;
        for (var room = 0; room < tasks; used++) {
            room += fit.sum(members[used]);
        }
        var left = tasks;
        for (var i = used - 1; i >= 0; i--) {
            var share = Math.min(fit.sum(members[i]), left / (i + 1));
            if (share > 0) {
                pack(members[i], share);
            }
            left -= share;
        }
    }

    /** The domains of a depth inside this one that have room; this one, if it is no wider. */
    private int[] emptiestFirst(int domain, int depth) {
        var first = domain;
        var last = domain;
        while (first < domains.begin[depth]) {
            last = domains.firstChild[last] + domains.children[last] - 1;
            first = domains.firstChild[first];
        }
        return IntStream.rangeClosed(first, last)
                .filter(member -> fit.sum(member) > 0)
                .boxed()
                .sorted(Comparator.comparingInt((Integer member) -> -fit.sum(member))
                        .thenComparing(member -> member))
                .mapToInt(member -> member)
                .toArray();
    }

    /** One task on each node, the emptiest nodes first, as often as it takes. */
    private void spread(int domain, int tasks) {
        var nodes = emptiestFirst(domain, domains.nodeDepth());
        var given = new int[nodes.length];
        for (int left = tasks, i = 0; left > 0; i = (i + 1) % nodes.length) {
            if (given[i] < fit.sum(nodes[i])) {
                given[i]++;
                left--;
            }
        }
        for (var i = 0; i < nodes.length; i++) {
            if (given[i] > 0) {
                plan.add(need, domains.node(nodes[i]), given[i]);
            }
        }
    }
}
