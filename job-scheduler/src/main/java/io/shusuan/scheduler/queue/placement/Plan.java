package io.shusuan.scheduler.queue.placement;

import io.shusuan.scheduler.queue.placement.Placement.Spot;
import java.util.ArrayList;
import java.util.List;

/** Where each task of a gang is to be, by the numbers of nodes. */
public final class Plan {

    /** So many tasks of one need on one node. */
    public record Step(Need need, int node, int tasks) {}

    private final List<Step> steps = new ArrayList<>();

    void add(Need need, int node, int tasks) {
        steps.add(new Step(need, node, tasks));
    }

    public List<Step> steps() {
        return steps;
    }

    public void take(Room room) {
        for (var step : steps) {
            room.take(step.node, step.need.role().perTask(), step.tasks);
        }
    }

    public Placement placement(Site site) {
        var spots = new ArrayList<Spot>(steps.size());
        for (var step : steps) {
            var role = step.need.role();
            spots.add(new Spot(
                    role.name(),
                    role.perTask(),
                    step.need.flavour(),
                    site.node(step.node).name(),
                    step.tasks));
        }
        return new Placement(spots);
    }
}
