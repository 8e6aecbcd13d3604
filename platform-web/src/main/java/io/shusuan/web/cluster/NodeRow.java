package io.shusuan.web.cluster;

import io.shusuan.db.job.Resources;
import io.shusuan.scheduler.cluster.Capacity;
import io.shusuan.scheduler.job.Occupancy;
import io.shusuan.scheduler.job.Occupancy.Share;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A node as a line of the page: its GPUs one by one, its cores and its memory as bars.
 *
 * @param away why it takes no work; null, if it does
 * @param gpuProduct what its GPUs are, if its labels tell
 * @param shares the jobs on it, as many as there is room for
 * @param more how many jobs it has besides
 * @param state what its agent tells; null, if there is none
 */
record NodeRow(
        String name,
        Capacity.Away.@Nullable Why away,
        @Nullable String gpuProduct,
        List<String> taints,
        List<Gpu> gpus,
        List<Bar> bars,
        List<Share> shares,
        int more,
        @Nullable NodeState state) {

    private static final String PRODUCT = "nvidia.com/gpu.product";
    private static final int SHARES = 6;

    /** A GPU: of a job, of somebody else, or free. Which of a node's GPUs a job has is not known, how many is. */
    record Gpu(Use use, @Nullable Share share) {

        /** Who has it. */
        enum Use {
            HELD,
            OTHERS,
            FREE
        }
    }

    static NodeRow of(Occupancy.Taken taken, @Nullable NodeState state) {
        var node = taken.node();
        var held = taken.held();
        int shown = Math.min(SHARES, taken.shares().size());
        return new NodeRow(
                node.name(),
                taken.away(),
                node.labels().get(PRODUCT),
                node.taints().stream().sorted().toList(),
                gpus(taken),
                bars(held, node.usedByOthers(), node.allocatable()),
                taken.shares().subList(0, shown),
                taken.shares().size() - shown,
                state);
    }

    private static List<Bar> bars(Resources held, Resources others, Resources all) {
        return List.of(
                new Bar("resource.cpu", held.milliCpus(), others.milliCpus(), all.milliCpus(), Bar.Unit.MILLI),
                new Bar("resource.memory", held.memoryMiB(), others.memoryMiB(), all.memoryMiB(), Bar.Unit.MEBI));
    }

    private static List<Gpu> gpus(Occupancy.Taken taken) {
        var gpus = new ArrayList<Gpu>();
        for (Share share : taken.shares()) {
            gpus.addAll(Collections.nCopies(share.resources().gpus(), new Gpu(Gpu.Use.HELD, share)));
        }
        int others = taken.node().usedByOthers().gpus();
        gpus.addAll(Collections.nCopies(others, new Gpu(Gpu.Use.OTHERS, null)));
        int free = Math.max(0, taken.node().allocatable().gpus() - gpus.size());
        gpus.addAll(Collections.nCopies(free, new Gpu(Gpu.Use.FREE, null)));
        return gpus;
    }

    /** Whether the text is in its name, in the kind of its GPUs or in the name of a job, a queue or an owner on it. */
    static boolean matches(Occupancy.Taken taken, String text) {
        var sought = text.toLowerCase(Locale.ROOT);
        var node = taken.node();
        return contains(node.name(), sought)
                || contains(node.labels().getOrDefault(PRODUCT, ""), sought)
                || taken.shares().stream()
                        .anyMatch(share -> contains(share.name(), sought)
                                || contains(share.queue(), sought)
                                || contains(share.owner(), sought));
    }

    private static boolean contains(String where, String sought) {
        return where.toLowerCase(Locale.ROOT).contains(sought);
    }
}
