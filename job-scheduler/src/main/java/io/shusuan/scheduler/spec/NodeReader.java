package io.shusuan.scheduler.spec;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads where tasks may run: the nodes of a role, and how near to each other those of a job have to be. */
final class NodeReader {

    private NodeReader() {}

    /** @param gpus how many GPUs each task asks for, if that could be read */
    static NodeChoice nodes(Section role, Optional<Integer> gpus) {
        var labels = new LinkedHashMap<>(
                role.read(Key.NODE_SELECTOR, Labels.mapping()).orElse(Map.of()));
        role.read(Key.GPU_TYPE, Labels.value()).ifPresent(model -> {
            var other = labels.put(GpuLabels.MODEL, model);
            if (other != null && !other.equals(model)) {
                role.field(Key.GPU_TYPE)
                        .ifPresent(field -> field.clash(
                                FaultCode.CONFLICT,
                                "is not what nodeSelector says of %s: leave out one of the two"
                                        .formatted(GpuLabels.MODEL),
                                model,
                                other));
            }
        });
        var memory = role.read(Key.GPU_MEMORY, Numbers.whole(1, Limits.GPU_MEMORY_GB));
        if (!role.has(Key.GPU_NUMBER) || gpus.equals(Optional.of(0))) {
            List.of(Key.GPU_TYPE, Key.GPU_MEMORY)
                    .forEach(key -> role.field(key)
                            .ifPresent(field -> field.clash(
                                    FaultCode.CONFLICT,
                                    "chooses among GPUs, but the role asks for none: add gpuNumber",
                                    "no gpuNumber",
                                    "gpuNumber of at least 1")));
        }
        var tolerations = role.read(Key.TOLERATIONS, Reading.listOf(Labels.taint(), Limits.TOLERATIONS))
                .orElse(List.of());
        return new NodeChoice(labels, new LinkedHashSet<>(tolerations), memory.orElse(0));
    }

    static Reading<Topology> topology() {
        return field -> field.read(Section.of(Shape.TOPOLOGY_CHOICE)).flatMap(NodeReader::topology);
    }

    private static Optional<Topology> topology(Section topology) {
        var required = topology.read(Key.REQUIRED, Numbers.truth()).orElse(false);
        return topology.require(Key.LEVEL, Names.label()).map(level -> new Topology(level, required));
    }
}
