package io.shusuan.scheduler.queue.placement;

import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.List;

/** So many tasks of a role, on nodes of one flavour. */
public record Need(Role role, FlavourName flavour, Shape shape, int tasks) {

    public Need on(List<String> nodes) {
        return new Need(role, flavour, shape.on(nodes), tasks);
    }

    public Need times(int count) {
        return new Need(role, flavour, shape, count);
    }
}
