package io.shusuan.scheduler.queue.placement;

import java.util.List;
import java.util.Objects;

/**
 * What a gang asks for: all its roles together or nothing. A value, and no record only because its hash is kept: jobs with
 * equal asks are looked at once, so each cycle looks up the ask of every waiting job.
 */
public final class Ask {

    private final List<Role> roles;
    private final Proximity proximity;
    private final Packing packing;
    private final boolean grows;
    private final int hash;

    public Ask(List<Role> roles, Proximity proximity, Packing packing) {
        this(roles, proximity, packing, false);
    }

    /** @param grows whether it would begin anew with more tasks, if it has begun with fewer than it asks for */
    public Ask(List<Role> roles, Proximity proximity, Packing packing, boolean grows) {
        this.roles = List.copyOf(roles);
        this.proximity = proximity;
        this.packing = packing;
        this.grows = grows;
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("a gang has at least one role");
        }
        hash = Objects.hash(this.roles, proximity, packing, grows);
    }

    public static Ask of(Role... roles) {
        return new Ask(List.of(roles), Proximity.ANYWHERE, Packing.PACK);
    }

    public Ask near(Proximity near) {
        return new Ask(roles, near, packing, grows);
    }

    public List<Role> roles() {
        return roles;
    }

    public Proximity proximity() {
        return proximity;
    }

    public Packing packing() {
        return packing;
    }

    public Ask growing() {
        return new Ask(roles, proximity, packing, true);
    }

    public boolean grows() {
        return grows;
    }

    /** All tasks that it asks for. */
    public int tasks() {
        return roles.stream().mapToInt(Role::tasks).sum();
    }

    /** How many tasks an elastic gang can do without, at most, in any of its roles. */
    public int slack() {
        var slack = 0;
        for (var role : roles) {
            slack = Math.max(slack, role.tasks() - role.minimum());
        }
        return slack;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Ask ask
                        && hash == ask.hash
                        && roles.equals(ask.roles)
                        && proximity.equals(ask.proximity)
                        && packing == ask.packing
                        && grows == ask.grows);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "%s, %s, %s%s".formatted(roles, proximity, packing, grows ? ", growing" : "");
    }
}
