package io.shusuan.scheduler.spec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes the tasks of a role may run on.
 *
 * @param labels what a node must have, the GPU's model included
 * @param tolerations the keys of taints that do not matter
 * @param gpuMemoryGb what each of a node's GPUs must have at least; 0 for any
 * @param mig the profile of the slices that are asked for; null for what the GPU's model says
 */
public record NodeChoice(
        Map<String, String> labels,
        Set<String> tolerations,
        int gpuMemoryGb,
        @Nullable String mig) {

    public static final NodeChoice ANY = new NodeChoice(Map.of(), Set.of(), 0, null);

    public NodeChoice {
        labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels)); // in the order of the text
        tolerations = Collections.unmodifiableSet(new LinkedHashSet<>(tolerations));
    }

    /** The profile of the slices that the GPUs of a node must be cut into; empty for whole ones. */
    public String slices() {
        return mig == null ? GpuLabels.mig(labels) : mig;
    }
}
