package io.shusuan.scheduler.queue.placement;

import java.util.List;

/** What a gang asks for: all its roles together or nothing. Jobs with equal asks are looked at once. */
public record Ask(List<Role> roles, Proximity proximity, Packing packing) {

    public Ask {
        roles = List.copyOf(roles);
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("a gang has at least one role");
        }
    }

    public static Ask of(Role... roles) {
        return new Ask(List.of(roles), Proximity.ANYWHERE, Packing.PACK);
    }

    public Ask near(Proximity near) {
        return new Ask(roles, near, packing);
    }

    /** How many tasks an elastic gang can do without, at most, in any of its roles. */
    public int slack() {
        var slack = 0;
        for (var role : roles) {
            slack = Math.max(slack, role.tasks() - role.minimum());
        }
        return slack;
    }
}
