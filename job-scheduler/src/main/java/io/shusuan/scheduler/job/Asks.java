package io.shusuan.scheduler.job;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.queue.placement.Ask;
import io.shusuan.scheduler.queue.placement.NodeSelector;
import io.shusuan.scheduler.queue.placement.Packing;
import io.shusuan.scheduler.queue.placement.Proximity;
import io.shusuan.scheduler.queue.placement.Role;
import io.shusuan.scheduler.spec.JobSpec;
import io.shusuan.scheduler.spec.NodeChoice;
import io.shusuan.scheduler.spec.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Reads what jobs ask for. Many ask for the same, and share one value then: by the texts that the database has of it. */
final class Asks {

    /** Asks that were read long ago are forgotten beyond so many; those that are still in use stay with their jobs. */
    private static final int MOST = 10_000;

    private final JsonMapper json = new JsonMapper();

    private record Texts(String roles, @Nullable String demands) {}

    private final Map<Texts, Ask> known = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Texts, Ask> eldest) {
            return size() > MOST;
        }
    };

    /** A role as {@link ActiveJobs} selects it. */
    private record Row(String name, int tasks, int minimum, long milliCpus, long memoryMiB, int gpus) {

        Role role(NodeChoice nodes) {
            return Asks.role(name, new Resources(milliCpus, memoryMiB, gpus), tasks, minimum, nodes);
        }
    }

    /** What a job asks for that is not stored. */
    static Ask of(JobSpec spec) {
        return ask(
                spec.taskRoles().stream()
                        .map(role -> role(
                                role.name(), role.perTask(), role.taskNumber(), role.minTaskNumber(), role.nodes()))
                        .toList(),
                spec.topology(),
                spec.restartToGrow());
    }

    Ask of(String roles, @Nullable String demands) {
        return known.computeIfAbsent(new Texts(roles, demands), this::read);
    }

    private Ask read(Texts texts) {
        var rows = json.readValue(texts.roles, Row[].class);
        var demands = texts.demands == null ? null : Demands.parse(texts.demands);
        var roles = new ArrayList<Role>();
        for (var row : rows) {
            roles.add(
                    row.role(demands == null ? NodeChoice.ANY : demands.roles().get(roles.size())));
        }
        return ask(
                roles, demands == null ? null : demands.topology(), demands != null && demands.restartToGrow() != null);
    }

    private static Ask ask(List<Role> roles, @Nullable Topology topology, boolean grows) {
        return new Ask(roles, proximity(topology), topology == null ? Packing.PACK : packing(topology), grows);
    }

    private static Proximity proximity(@Nullable Topology topology) {
        if (topology == null) {
            return Proximity.ANYWHERE;
        }
        var level = topology.level();
        if (level == null) {
            return Proximity.ANYWHERE;
        }
        return topology.required() ? Proximity.required(level) : Proximity.preferred(level);
    }

    private static Packing packing(Topology topology) {
        return switch (topology.packing()) {
            case PACK -> Packing.PACK;
            case SPREAD -> Packing.SPREAD;
            case BALANCE -> Packing.BALANCE;
        };
    }

    /** A task role as the queue sees it. */
    private static Role role(String name, Resources perTask, int tasks, int minimum, NodeChoice nodes) {
        return new Role(name, perTask, tasks, minimum, selector(nodes, perTask.gpus() > 0));
    }

    private static NodeSelector selector(NodeChoice nodes, boolean withGpus) {
        if (!withGpus && nodes.equals(NodeChoice.ANY)) {
            return NodeSelector.ANY;
        }
        var tolerations = new HashSet<>(nodes.tolerations());
        if (withGpus) {
            tolerations.add(Capacity.GPU_TAINT);
        }
        return new NodeSelector(
                Set.of(), nodes.labels(), tolerations, Set.of(), nodes.gpuMemoryGb(), withGpus ? nodes.slices() : null);
    }
}
