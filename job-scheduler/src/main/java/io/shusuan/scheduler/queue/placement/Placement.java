package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.List;

/** Which tasks run where. */
public record Placement(List<Spot> spots) {

    public Placement {
        spots = List.copyOf(spots);
    }

    /** Like tasks on one node. */
    public record Spot(String role, Resources perTask, FlavourName flavour, String node, int tasks) {}

    public List<String> nodes() {
        return spots.stream().map(Spot::node).distinct().toList();
    }

    public int tasks() {
        return spots.stream().mapToInt(Spot::tasks).sum();
    }

    public long gpus() {
        var gpus = 0L;
        for (var spot : spots) {
            gpus += (long) spot.perTask().gpus() * spot.tasks();
        }
        return gpus;
    }
}
