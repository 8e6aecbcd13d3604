package io.shusuan.scheduler.queue.placement;

import java.util.Arrays;

/**
 * How many tasks of one shape fit in each domain of a room, and how many on its best node. Built in one pass over the nodes;
 * then it only catches up with the nodes that have changed.
 */
final class Fit {

    private final Room room;
    private final Shape shape;
    private final Domains domains;
    private final int[] sum;
    private final int[] best;
    private int seen;

    Fit(Site site, Room room, Shape shape) {
        this.room = room;
        this.shape = shape;
        domains = site.domains();
        sum = new int[domains.count()];
        best = new int[domains.count()];
        build();
    }

    private void build() {
        var nodes = domains.begin[domains.nodeDepth()];
        Arrays.fill(sum, 0, nodes, 0);
        Arrays.fill(best, 0, nodes, 0);
        for (var domain = sum.length - 1; domain >= nodes; domain--) {
            sum[domain] = best[domain] = room.fits(domains.node(domain), shape);
        }
        for (var domain = sum.length - 1; domain > 0; domain--) {
            sum[domains.parent[domain]] += sum[domain];
            best[domains.parent[domain]] = Math.max(best[domains.parent[domain]], best[domain]);
        }
        seen = room.changes();
    }

    Fit upToDate() {
        if (room.changes() - seen > sum.length) {
            build();
        }
        for (; seen < room.changes(); seen++) {
            update(room.changed(seen));
        }
        return this;
    }

    private void update(int node) {
        var domain = domains.ofNode(node);
        var former = sum[domain];
        var now = room.fits(node, shape);
        if (now == former) {
            return;
        }
        sum[domain] = best[domain] = now;
        while (domain > 0) {
            domain = domains.parent[domain];
            sum[domain] += now - former;
            best[domain] =
                    now > best[domain] || best[domain] > former ? Math.max(best[domain], now) : bestChild(domain);
        }
    }

    private int bestChild(int domain) {
        var most = 0;
        for (var i = 0; i < domains.children[domain]; i++) {
            most = Math.max(most, best[domains.firstChild[domain] + i]);
        }
        return most;
    }

    int sum(int domain) {
        return sum[domain];
    }

    int best(int domain) {
        return best[domain];
    }
}
