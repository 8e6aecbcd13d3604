package io.shusuan.web.cluster;

import io.shusuan.api.agent.NodeReport.Gpu;
import io.shusuan.api.agent.NodeReport.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** How the GPUs of a node are connected with each other and with its processors, as {@code nvidia-smi topo -m} shows it. */
record GpuTopology(List<Row> rows) {

    private static final String ITSELF = "X";
    private static final String NOT_TOLD = "–";

    /** A GPU, and the ways to all of them. */
    record Row(Gpu gpu, List<Way> ways) {}

    /**
     * The way from one GPU to another.
     *
     * @param name NV and the number of NVLinks where there are any, else where the two meet on PCIe
     */
    record Way(int to, String name) {

        public boolean nvlink() {
            return name.startsWith("NV");
        }
    }

    static GpuTopology of(List<Gpu> told) {
        var gpus = told.stream().sorted(Comparator.comparingInt(Gpu::index)).toList();
        var busIds = gpus.stream().map(Gpu::pciBusId).filter(Objects::nonNull).collect(Collectors.toSet());
        return new GpuTopology(
                gpus.stream().map(from -> row(from, gpus, busIds)).toList());
    }

    private static Row row(Gpu from, List<Gpu> all, Set<String> busIds) {
        var direct = from.nvlinks().stream().anyMatch(busIds::contains);
        return new Row(
                from,
                all.stream()
                        .map(to -> new Way(to.index(), name(from, to, direct)))
                        .toList());
    }

    /** Whether there is anything to show. */
    public boolean known() {
        return rows.stream()
                .map(Row::gpu)
                .anyMatch(gpu -> gpu.cpus() != null
                        || gpu.numaNodes() != null
                        || !gpu.paths().isEmpty()
                        || !gpu.nvlinks().isEmpty());
    }

    /** @param direct whether links lead to other GPUs, not to switches, to which all GPUs are linked */
    private static String name(Gpu from, Gpu to, boolean direct) {
        if (from.index() == to.index()) {
            return ITSELF;
        }
        var links = direct
                ? from.nvlinks().stream()
                        .filter(end -> end.equals(to.pciBusId()))
                        .count()
                : Math.min(from.nvlinks().size(), to.nvlinks().size());
        return links > 0
                ? "NV" + links
                : from.paths().stream()
                        .filter(path -> path.gpu() == to.index())
                        .map(Path::level)
                        .findFirst()
                        .orElse(NOT_TOLD);
    }
}
