package io.shusuan.agent.metrics;

import io.shusuan.agent.node.GpuReport;
import io.shusuan.agent.node.GpuSample;
import io.shusuan.agent.node.GpuSample.Ecc;
import io.shusuan.agent.node.GpuSample.Memory;
import io.shusuan.agent.node.GpuSample.RemappedRows;
import io.shusuan.agent.node.GpuStatus;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The GPUs under the names that dashboards know: those of the protocol, with the GPU's UUID, and those that NVIDIA's DCGM exporter writes, with its labels
 * and in its units. A GPU that does not tell something has no sample of it.
 */
final class GpuMetrics {
    private static final double MILLI = 1000;
    private static final double PERCENT = 100;
    private static final long MEBI = 1 << 20;

    private final GpuReport report;
    private final String hostname;
    private final StringBuilder text;

    private GpuMetrics(GpuReport report, String hostname, StringBuilder text) {
        this.report = report;
        this.hostname = hostname;
        this.text = text;
    }

    static void write(StringBuilder text, GpuReport report, String hostname) {
        if (!report.gpus().isEmpty()) {
            var metrics = new GpuMetrics(report, hostname, text);
            metrics.protocol();
            metrics.exporter();
            metrics.errors();
            metrics.leaks();
        }
    }

    private void protocol() {
        nv(
                "nv_gpu_utilization",
                "gauge",
                "GPU utilization rate [0.0 - 1.0)",
                gpu -> divided(of(gpu, GpuSample::utilization), PERCENT));
        nv(
                "nv_gpu_memory_total_bytes",
                "gauge",
                "GPU total memory, in bytes",
                gpu -> memory(gpu).map(Memory::total));
        nv(
                "nv_gpu_memory_used_bytes",
                "gauge",
                "GPU used memory, in bytes",
                gpu -> memory(gpu).map(Memory::used));
        nv(
                "nv_gpu_power_usage",
                "gauge",
                "GPU power usage in watts",
                gpu -> divided(of(gpu, GpuSample::powerMilliwatts), MILLI));
        nv(
                "nv_gpu_power_limit",
                "gauge",
                "GPU power management limit in watts",
                gpu -> divided(of(gpu, GpuSample::powerLimitMilliwatts), MILLI));
        nv(
                "nv_energy_consumption",
                "counter",
                "GPU energy consumption in joules since the server started",
                gpu -> boxed(gpu.energyJoules()));
    }

    private void exporter() {
        dcgm("SM_CLOCK", "gauge", "SM clock frequency (in MHz).", gpu -> of(gpu, GpuSample::smClockMhz));
        dcgm("MEM_CLOCK", "gauge", "Memory clock frequency (in MHz).", gpu -> of(gpu, GpuSample::memoryClockMhz));
        dcgm("GPU_TEMP", "gauge", "GPU temperature (in C).", gpu -> of(gpu, GpuSample::temperature));
        dcgm("POWER_USAGE", "gauge", "Power draw (in W).", gpu -> divided(of(gpu, GpuSample::powerMilliwatts), MILLI));
        dcgm(
                "POWER_MGMT_LIMIT",
                "gauge",
                "Power management limit (in W).",
                gpu -> divided(of(gpu, GpuSample::powerLimitMilliwatts), MILLI));
        dcgm(
                "TOTAL_ENERGY_CONSUMPTION",
                "counter",
                "Total energy consumption since boot (in mJ).",
                gpu -> gpu.sample().flatMap(sample -> boxed(sample.energyMillijoules())));
        dcgm("GPU_UTIL", "gauge", "GPU utilization (in %).", gpu -> of(gpu, GpuSample::utilization));
        dcgm("MEM_COPY_UTIL", "gauge", "Memory utilization (in %).", gpu -> of(gpu, GpuSample::memoryUtilization));
        dcgm(
                "FB_TOTAL",
                "gauge",
                "Total Frame Buffer of the GPU in MB.",
                gpu -> memory(gpu).map(memory -> memory.total() / MEBI));
        dcgm(
                "FB_USED",
                "gauge",
                "Framebuffer memory used (in MiB).",
                gpu -> memory(gpu).map(memory -> memory.used() / MEBI));
        dcgm(
                "FB_FREE",
                "gauge",
                "Framebuffer memory free (in MiB).",
                gpu -> memory(gpu).map(memory -> memory.free() / MEBI));
    }

    private void errors() {
        dcgm(
                "XID_ERRORS",
                "gauge",
                "Value of the last XID error encountered.",
                gpu -> Optional.of(gpu.lastXid().orElse(0)));
        dcgm(
                "ECC_SBE_VOL_TOTAL",
                "counter",
                "Total number of single-bit volatile ECC errors.",
                gpu -> ecc(gpu).map(Ecc::corrected));
        dcgm(
                "ECC_DBE_VOL_TOTAL",
                "counter",
                "Total number of double-bit volatile ECC errors.",
                gpu -> ecc(gpu).map(Ecc::uncorrected));
        dcgm(
                "CORRECTABLE_REMAPPED_ROWS",
                "counter",
                "Number of remapped rows for correctable errors",
                gpu -> rows(gpu).map(RemappedRows::correctable));
        dcgm(
                "UNCORRECTABLE_REMAPPED_ROWS",
                "counter",
                "Number of remapped rows for uncorrectable errors",
                gpu -> rows(gpu).map(RemappedRows::uncorrectable));
        dcgm(
                "ROW_REMAP_FAILURE",
                "gauge",
                "Whether remapping of rows has failed",
                gpu -> rows(gpu).map(rows -> rows.failed() ? 1 : 0));
        var name = "shusuan_gpu_fault";
        MetricsText.family(text, name, "gauge", "Why a GPU is not well; one sample for each fault that stands");
        for (var gpu : report.gpus()) {
            for (var fault : gpu.faults()) {
                var xid = fault.xid().isPresent() ? Integer.toString(fault.xid().getAsInt()) : "";
                MetricsText.sample(
                        text,
                        name,
                        uuid(gpu) + ",index=\"" + gpu.gpu().index() + "\",kind=\"" + fault.kind() + "\",xid=\"" + xid
                                + "\"",
                        "1");
            }
        }
    }

    private void leaks() {
        var name = "shusuan_gpu_suspected_leak_bytes";
        MetricsText.family(
                text,
                name,
                "gauge",
                "What a process has taken of a GPU's memory since it began to take more and more; one sample for each that is suspected");
        for (var gpu : report.gpus()) {
            for (var process : gpu.processes()) {
                process.leak()
                        .ifPresent(leak -> MetricsText.sample(
                                text,
                                name,
                                uuid(gpu) + ",index=\"" + gpu.gpu().index() + "\",pid=\"" + process.pid()
                                        + "\",job_id=\""
                                        + MetricsText.escaped(
                                                process.owner().job().orElse("")) + "\"",
                                Long.toString(process.memoryBytes().orElse(leak.fromBytes()) - leak.fromBytes())));
            }
        }
    }

    private void nv(String name, String type, String help, Function<GpuStatus, Optional<? extends Number>> value) {
        family(name, type, help, GpuMetrics::uuid, value);
    }

    private void dcgm(String field, String type, String help, Function<GpuStatus, Optional<? extends Number>> value) {
        family("DCGM_FI_DEV_" + field, type, help, this::exporterLabels, value);
    }

    private void family(
            String name,
            String type,
            String help,
            Function<GpuStatus, String> labels,
            Function<GpuStatus, Optional<? extends Number>> value) {
        MetricsText.family(text, name, type, help);
        for (var gpu : report.gpus()) {
            value.apply(gpu).ifPresent(number -> MetricsText.sample(text, name, labels.apply(gpu), number.toString()));
        }
    }

    private static String uuid(GpuStatus gpu) {
        return "gpu_uuid=\"" + MetricsText.escaped(gpu.gpu().uuid()) + "\"";
    }

    private String exporterLabels(GpuStatus status) {
        var gpu = status.gpu();
        var device = gpu.minor().isPresent() ? "nvidia" + gpu.minor().getAsInt() : "";
        return String.format(
                Locale.ROOT,
                "gpu=\"%d\",UUID=\"%s\",pci_bus_id=\"%s\",device=\"%s\",modelName=\"%s\",Hostname=\"%s\",DCGM_FI_DRIVER_VERSION=\"%s\"",
                gpu.index(),
                MetricsText.escaped(gpu.uuid()),
                MetricsText.escaped(gpu.pciBusId()),
                device,
                MetricsText.escaped(gpu.name()),
                MetricsText.escaped(hostname),
                report.driver()
                        .map(driver -> MetricsText.escaped(driver.version()))
                        .orElse(""));
    }

    private static Optional<Integer> of(GpuStatus gpu, Function<GpuSample, OptionalInt> value) {
        return gpu.sample().map(value).filter(OptionalInt::isPresent).map(OptionalInt::getAsInt);
    }

    private static Optional<Double> divided(Optional<Integer> value, double by) {
        return value.map(number -> number / by);
    }

    private static Optional<Double> boxed(OptionalDouble value) {
        return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
    }

    private static Optional<Long> boxed(OptionalLong value) {
        return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
    }

    private static Optional<Memory> memory(GpuStatus gpu) {
        return gpu.sample().flatMap(GpuSample::memory);
    }

    private static Optional<Ecc> ecc(GpuStatus gpu) {
        return gpu.sample().flatMap(GpuSample::ecc);
    }

    private static Optional<RemappedRows> rows(GpuStatus gpu) {
        return gpu.sample().flatMap(GpuSample::remappedRows);
    }
}
