package io.shusuan.agent.node;

import io.shusuan.agent.node.Fault.Kind;
import io.shusuan.agent.node.GpuSample.GpuProcess;
import io.shusuan.agent.node.GpuSample.RemappedRows;
import io.shusuan.agent.node.GpuStatus.Occupant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One GPU over time. A fault that NVML shows stands as long as it shows it; an XID is told once, so a fatal one stands until the agent is started anew,
 * which whoever has reset the GPU does.
 */
final class GpuHistory {
    private final Map<FaultKey, Instant> faults = new LinkedHashMap<>();
    private final Map<Integer, MemoryGrowth> growths = new HashMap<>();
    private OptionalInt lastXid = OptionalInt.empty();
    private OptionalLong firstEnergy = OptionalLong.empty();
    private @Nullable Instant idleSince;

    private record FaultKey(Kind kind, OptionalInt xid) {}

    void xid(int number, Instant now) {
        lastXid = OptionalInt.of(number);
        if (FatalXids.contains(number)) {
            faults.putIfAbsent(new FaultKey(Kind.FATAL_XID, lastXid), now);
        }
    }

    /** Takes in a sample. */
    GpuStatus answered(GpuDescription gpu, GpuSample sample, Instant now, IntFunction<ProcessOwner> owners) {
        see(Kind.LOST, false, now);
        see(Kind.RESET_REQUIRED, false, now);
        see(
                Kind.UNCORRECTABLE_ECC,
                sample.ecc().filter(ecc -> ecc.uncorrected() > 0).isPresent(),
                now);
        see(
                Kind.ROW_REMAP_FAILURE,
                sample.remappedRows().filter(RemappedRows::failed).isPresent(),
                now);
        idle(sample.utilization(), now);
        if (firstEnergy.isEmpty()) {
            firstEnergy = sample.energyMillijoules();
        }
        return status(gpu, Optional.of(sample), processes(sample, now, owners));
    }

    /** Takes in that the GPU did not answer. */
    GpuStatus failed(GpuDescription gpu, NvmlException why, Instant now) {
        switch (why.code()) {
            case NvmlException.GPU_IS_LOST -> see(Kind.LOST, true, now);
            case NvmlException.RESET_REQUIRED -> see(Kind.RESET_REQUIRED, true, now);
            default -> {} // perhaps it answers the next time
        }
        idleSince = null;
        growths.clear();
        return status(gpu, Optional.empty(), List.of());
    }

    private void see(Kind kind, boolean there, Instant now) {
        var key = new FaultKey(kind, OptionalInt.empty());
        if (there) {
            faults.putIfAbsent(key, now);
        } else {
            faults.remove(key);
        }
    }

    private void idle(OptionalInt utilization, Instant now) {
        if (utilization.isEmpty() || utilization.getAsInt() > 0) {
            idleSince = null;
        } else {
            idleSince = Objects.requireNonNullElse(idleSince, now);
        }
    }

    private List<Occupant> processes(GpuSample sample, Instant now, IntFunction<ProcessOwner> owners) {
        var processes = new ArrayList<Occupant>();
        Set<Integer> there = new HashSet<>();
        for (var process : sample.processes()) {
            there.add(process.pid());
            processes.add(new Occupant(
                    process.pid(), process.memoryBytes(), owners.apply(process.pid()), leak(process, now)));
        }
        growths.keySet().retainAll(there);
        return processes;
    }

    private Optional<Leak> leak(GpuProcess process, Instant now) {
        if (process.memoryBytes().isEmpty()) {
            return Optional.empty();
        }
        long bytes = process.memoryBytes().getAsLong();
        var growth = growths.computeIfAbsent(process.pid(), _ -> new MemoryGrowth(now, bytes));
        growth.add(now, bytes);
        return growth.suspected();
    }

    private GpuStatus status(GpuDescription gpu, Optional<GpuSample> sample, List<Occupant> processes) {
        var standing = new ArrayList<Fault>();
        faults.forEach((fault, since) -> standing.add(new Fault(fault.kind(), fault.xid(), since)));
        return new GpuStatus(gpu, sample, standing, lastXid, Optional.ofNullable(idleSince), energy(sample), processes);
    }

    private OptionalDouble energy(Optional<GpuSample> sample) {
        var now = sample.map(GpuSample::energyMillijoules).orElse(OptionalLong.empty());
        return now.isPresent() && firstEnergy.isPresent()
                ? OptionalDouble.of((now.getAsLong() - firstEnergy.getAsLong()) / 1000.0)
                : OptionalDouble.empty();
    }
}
