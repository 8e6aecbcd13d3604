package io.shusuan.scheduler.spec;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Reads where tasks may run: the nodes of a role, and how near to each other those of a job have to be. */
final class NodeReader {

    /** As the names of sliced models end, e.g. {@code NVIDIA-A100-SXM4-80GB-MIG-1g.10gb}. */
    private static final Predicate<String> MIG =
            Pattern.compile("[1-7]g\\.[1-9][0-9]{0,2}gb(\\.[a-z0-9.]{1,16})?").asMatchPredicate();

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
        var mig = role.read(Key.MIG, Texts.matching(MIG, "a MIG profile such as 1g.10gb", NodeReader::profile));
        mig.ifPresent(profile -> cut(role, labels, profile));
        var memory = role.read(Key.GPU_MEMORY, Numbers.whole(1, Limits.GPU_MEMORY_GB));
        if (!role.has(Key.GPU_NUMBER) || gpus.equals(Optional.of(0))) {
            List.of(Key.GPU_TYPE, Key.GPU_MEMORY, Key.MIG)
                    .forEach(key -> role.field(key)
                            .ifPresent(field -> field.clash(
                                    FaultCode.CONFLICT,
                                    "chooses among GPUs, but the role asks for none: add gpuNumber",
                                    "no gpuNumber",
                                    "gpuNumber of at least 1")));
        }
        var tolerations = role.read(Key.TOLERATIONS, Reading.listOf(Labels.taint(), Limits.TOLERATIONS))
                .orElse(List.of());
        return new NodeChoice(labels, new LinkedHashSet<>(tolerations), memory.orElse(0), mig.orElse(null));
    }

    /** A model that is cut into slices has a name of its own. */
    private static void cut(Section role, Map<String, String> labels, String profile) {
        var model = labels.get(GpuLabels.MODEL);
        if (model == null) {
            return;
        }
        var slices = GpuLabels.mig(Map.of(GpuLabels.MODEL, model));
        if (slices.isEmpty()) {
            labels.put(GpuLabels.MODEL, GpuLabels.cut(model, profile));
        } else if (!slices.equals(profile)) {
            role.field(Key.MIG)
                    .ifPresent(field -> field.clash(
                            FaultCode.CONFLICT,
                            "is not what the model %s is cut into: leave out one of the two".formatted(model),
                            profile,
                            slices));
        }
    }

    /** As people write it who have it from nvidia-smi. */
    private static String profile(String text) {
        return text.strip().toLowerCase(Locale.ROOT).replace('+', '.').replaceFirst("^mig[- ]*", "");
    }

    static Reading<Topology> topology() {
        return field -> field.read(Section.of(Shape.TOPOLOGY_CHOICE)).flatMap(NodeReader::topology);
    }

    private static Optional<Topology> topology(Section topology) {
        var required = topology.read(Key.REQUIRED, Numbers.truth()).orElse(false);
        var said = topology.read(
                Key.PACKING,
                Texts.oneOf(Topology.Packing.values(), each -> each.name().toLowerCase(Locale.ROOT)));
        var packing = said.orElse(Topology.Packing.PACK);
        if (required && packing == Topology.Packing.BALANCE) {
            topology.field(Key.REQUIRED)
                    .ifPresent(field -> field.clash(
                            FaultCode.CONFLICT,
                            "keeps all tasks in one, so there is nothing to balance: remove it, or packing",
                            "required: true and packing: balance",
                            "one of the two"));
        }
        boolean anywhere = topology.has(Key.PACKING) && packing == Topology.Packing.SPREAD && !required;
        if (anywhere && !topology.has(Key.LEVEL)) {
            return Optional.of(new Topology(null, false, packing));
        }
        if (topology.has(Key.PACKING) && said.isEmpty() && !topology.has(Key.LEVEL)) {
            return Optional.empty(); // whether it needs a level is not known
        }
        return topology.require(Key.LEVEL, Names.label()).map(level -> new Topology(level, required, packing));
    }
}
