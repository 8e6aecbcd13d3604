package io.shusuan.scheduler.queue.placement;

import java.util.List;

/**
 * Watches a room while something is given back bit by bit, for whether a gang fits in some domain: by the number of its tasks,
 * which is all there is to know of a gang with one role. Each change costs only as much as the node's place in the tree.
 */
public final class Outlook {

    private final Room room;
    private final Domains domains;
    private final List<Need> needs;
    private final int depth;
    private final int[][] onNode;
    private final int[][] inDomain;
    private int holding;

    public Outlook(Site site, Room room, List<Need> needs, Proximity proximity) {
        this.room = room;
        this.needs = needs;
        domains = site.domains();
        // A preference is given up rather than waited for.
        depth = proximity.kind() == Proximity.Kind.REQUIRED ? site.depth(proximity) : 0;
        onNode = new int[needs.size()][site.size()];
        inDomain = new int[needs.size()][domains.begin[depth + 1] - domains.begin[depth]];
        for (var i = 0; i < onNode.length; i++) {
            var shape = needs.get(i).shape();
            for (var node = 0; node < site.size(); node++) {
                var places = room.fits(node, shape);
                if (places > 0) {
                    onNode[i][node] = places;
                    inDomain[i][domains.ancestor(node, depth) - domains.begin[depth]] += places;
                }
            }
        }
        for (var domain = 0; domain < inDomain[0].length; domain++) {
            holding += holds(domain) ? 1 : 0;
        }
    }

    private boolean holds(int domain) {
        for (var i = 0; i < inDomain.length; i++) {
            if (inDomain[i][domain] < needs.get(i).tasks()) {
                return false;
            }
        }
        return true;
    }

    /** To be called after each change of a node's room. Returns whether a task of the gang may be there at all. */
    public boolean changed(int node) {
        var domain = domains.ancestor(node, depth) - domains.begin[depth];
        var matters = false;
        var held = holds(domain);
        for (var i = 0; i < onNode.length; i++) {
            var shape = needs.get(i).shape();
            if (shape.mayBeOn(node)) {
                matters = true;
                var now = room.fits(node, shape);
                inDomain[i][domain] += now - onNode[i][node];
                onNode[i][node] = now;
            }
        }
        if (matters && held != holds(domain)) {
            holding += held ? -1 : 1;
        }
        return matters;
    }

    /** Whether some domain has room for every role by itself. */
    public boolean isMet() {
        return holding > 0;
    }
}
