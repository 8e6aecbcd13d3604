package io.shusuan.scheduler.queue.placement;

import java.util.Arrays;
import java.util.List;

/**
 * The tree of the places that nodes stand in, numbered breadth first: 0 is the whole site, then come the domains of each
 * level, then groups of at most {@value #GROUP} neighbours, which keep searches short in a wide domain, then the nodes. So the
 * members of a domain have consecutive numbers.
 */
final class Domains {

    private static final int GROUP = 64;

    /** Where the domains of each depth begin; one more than there are depths. */
    final int[] begin;

    final int[] parent;
    final int[] firstChild;
    final int[] children;

    /** For each depth the domain that a node is in. */
    private final int[][] ancestors;

    /** @param paths where each node stands, sorted, all of the same length */
    Domains(List<List<String>> paths, int levels) {
        var nodes = paths.size();
        var ordinals = new int[levels + 3][nodes];
        begin = new int[levels + 4];
        begin[1] = 1;
        for (var depth = 1; depth <= levels; depth++) {
            for (var node = 1; node < nodes; node++) {
                var same = paths.get(node)
                        .subList(0, depth)
                        .equals(paths.get(node - 1).subList(0, depth));
                ordinals[depth][node] = ordinals[depth][node - 1] + (same ? 0 : 1);
            }
        }
        for (int node = 1, size = 1; node < nodes; node++) {
            var same = ordinals[levels][node] == ordinals[levels][node - 1] && size < GROUP;
            ordinals[levels + 1][node] = ordinals[levels + 1][node - 1] + (same ? 0 : 1);
            size = same ? size + 1 : 1;
        }
        Arrays.setAll(ordinals[levels + 2], node -> node);
        for (var depth = 1; depth < ordinals.length; depth++) {
            begin[depth + 1] = begin[depth] + (nodes == 0 ? 0 : ordinals[depth][nodes - 1] + 1);
        }
        parent = new int[begin[levels + 3]];
        firstChild = new int[parent.length];
        children = new int[parent.length];
        for (var depth = 1; depth < ordinals.length; depth++) {
            for (var node = 0; node < nodes; node++) {
                parent[begin[depth] + ordinals[depth][node]] = begin[depth - 1] + ordinals[depth - 1][node];
            }
        }
        ancestors = ordinals;
        for (var depth = 0; depth < ordinals.length; depth++) {
            var first = begin[depth];
            var numbers = ancestors[depth];
            Arrays.setAll(numbers, node -> first + numbers[node]);
        }
        for (var domain = parent.length - 1; domain > 0; domain--) {
            firstChild[parent[domain]] = domain;
            children[parent[domain]]++;
        }
    }

    int count() {
        return parent.length;
    }

    int depth(int domain) {
        var depth = 0;
        while (domain >= begin[depth + 1]) {
            depth++;
        }
        return depth;
    }

    int nodeDepth() {
        return begin.length - 2;
    }

    int ofNode(int node) {
        return begin[nodeDepth()] + node;
    }

    boolean isNode(int domain) {
        return domain >= begin[nodeDepth()];
    }

    int node(int domain) {
        return domain - begin[nodeDepth()];
    }

    int ancestor(int node, int depth) {
        return ancestors[depth][node];
    }
}
