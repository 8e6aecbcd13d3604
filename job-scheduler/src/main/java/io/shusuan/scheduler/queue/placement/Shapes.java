package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.HashMap;
import java.util.Map;

/** Finds the one shape of all equal tasks. */
public final class Shapes {

    private record Key(Resources each, FlavourName flavour, NodeSelector where) {}

    private final Site site;
    private final Map<Key, Shape> known = new HashMap<>();

    public Shapes(Site site) {
        this.site = site;
    }

    public Shape of(Role role, FlavourName flavour) {
        return known.computeIfAbsent(
                new Key(role.perTask(), flavour, role.where()),
                key -> Shape.of(site, key.each, key.flavour, key.where));
    }
}
