package io.shusuan.scheduler.queue.placement;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.queue.quota.FlavourName;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A node that takes work.
 *
 * @param flavour whose quota its use is counted in; each node is of one
 * @param labels what selectors may ask for
 * @param taints what keeps tasks away that do not tolerate it
 * @param domains where it stands, from the widest to the narrowest, one name for each level of the site
 * @param usedByOthers what runs there and is not the platform's
 * @param maxTasks how many tasks of the platform it takes
 * @param gpuMemoryGb what each of its GPUs has; 0 if that is not known
 * @param mig the profile of the slices that all its GPUs are cut into, each of which counts as a GPU; empty if they are whole
 */
public record Node(
        String name,
        FlavourName flavour,
        Map<String, String> labels,
        Set<String> taints,
        List<String> domains,
        Resources allocatable,
        Resources usedByOthers,
        int maxTasks,
        int gpuMemoryGb,
        String mig) {

    public Node {
        labels = Map.copyOf(labels);
        taints = Set.copyOf(taints);
        domains = List.copyOf(domains);
    }
}
