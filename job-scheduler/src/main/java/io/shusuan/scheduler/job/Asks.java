package io.shusuan.scheduler.job;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Packing;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Role;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;

/** Reads what jobs ask for. Many ask for the same, and share one value then: by the text that the database makes of the roles. */
final class Asks {

    /** Asks that were read long ago are forgotten beyond so many; those that are still in use stay with their jobs. */
    private static final int MOST = 10_000;

    private static final NodeSelector WITH_GPUS =
            new NodeSelector(Set.of(), Map.of(), Set.of(Capacity.GPU_TAINT), Set.of());

    private final JsonMapper json = new JsonMapper();

    private final Map<String, Ask> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Ask> eldest) {
            return size() > MOST;
        }
    };

    /** A role as {@link ActiveJobs} selects it. */
    private record Row(String name, int tasks, long milliCpus, long memoryMiB, int gpus) {

        Role role() {
            return Asks.role(name, new Resources(milliCpus, memoryMiB, gpus), tasks);
        }
    }

    /** A task role as the queue sees it. */
    static Role role(String name, Resources perTask, int tasks) {
        return new Role(name, perTask, tasks, perTask.gpus() > 0 ? WITH_GPUS : NodeSelector.ANY);
    }

    Ask of(String roles) {
        return known.computeIfAbsent(roles, this::read);
    }

    private Ask read(String roles) {
        var rows = json.readValue(roles, Row[].class);
        return new Ask(Arrays.stream(rows).map(Row::role).toList(), Proximity.ANYWHERE, Packing.PACK);
    }
}
