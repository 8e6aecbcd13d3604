package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A task's size and the nodes it may be on. The same one for all equal tasks of a cycle. */
public final class Shape {

    final Resources each;
    private final Site site;
    private final boolean[] kinds;
    private final @Nullable BitSet pinned;

    private Shape(Site site, Resources each, boolean[] kinds, @Nullable BitSet pinned) {
        this.site = site;
        this.each = each;
        this.kinds = kinds;
        this.pinned = pinned;
    }

    static Shape of(Site site, Resources each, FlavourName flavour, NodeSelector where) {
        var kinds = new boolean[site.kinds().size()];
        for (var kind = 0; kind < kinds.length; kind++) {
            kinds[kind] = site.kinds().get(kind).takes(flavour, where);
        }
        var pinned = where.nodes().isEmpty() ? null : numbers(site, where.nodes());
        return new Shape(site, each, kinds, pinned);
    }

    private static BitSet numbers(Site site, Iterable<String> names) {
        var numbers = new BitSet(site.size());
        for (var name : names) {
            if (site.number(name) >= 0) {
                numbers.set(site.number(name));
            }
        }
        return numbers;
    }

    /** The same, but on these nodes only. */
    Shape on(List<String> names) {
        var narrowed = numbers(site, names);
        if (pinned != null) {
            narrowed.and(pinned);
        }
        return new Shape(site, each, kinds, narrowed);
    }

    boolean mayBeOn(int node) {
        return kinds[site.kindOf(node)] && (pinned == null || pinned.get(node));
    }
}
