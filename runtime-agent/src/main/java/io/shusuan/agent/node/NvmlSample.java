package io.shusuan.agent.node;

import static io.shusuan.agent.node.NvmlStructs.MEMORY;
import static io.shusuan.agent.node.NvmlStructs.MEMORY_V2;
import static io.shusuan.agent.node.NvmlStructs.PROCESS_INFO;
import static io.shusuan.agent.node.NvmlStructs.UTILIZATION;
import static io.shusuan.agent.node.NvmlStructs.at;

import io.shusuan.agent.node.GpuSample.Ecc;
import io.shusuan.agent.node.GpuSample.GpuProcess;
import io.shusuan.agent.node.GpuSample.Memory;
import io.shusuan.agent.node.GpuSample.RemappedRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Reads how a GPU does. */
record NvmlSample(NvmlLibrary library, NvmlCalls calls, MemorySegment device) {
    private static final int CORE_TEMPERATURE = 0;
    private static final int SM_CLOCK = 1;
    private static final int MEMORY_CLOCK = 2;
    private static final int CORRECTED = 0;
    private static final int UNCORRECTED = 1;
    private static final int SINCE_DRIVER_LOADED = 0;

    /** What stands for a number that the driver does not have. */
    private static final long NOT_AVAILABLE = -1;

    /** More than there are begin between two calls only by chance; then the next sample has them. */
    private static final int SPARE_PROCESSES = 16;

    GpuSample read() throws NvmlException {
        var utilization = calls.memory().allocate(UTILIZATION);
        boolean utilized = library.offers("nvmlDeviceGetUtilizationRates", device, utilization);
        return new GpuSample(
                utilized ? field(utilization, "gpu") : OptionalInt.empty(),
                utilized ? field(utilization, "memory") : OptionalInt.empty(),
                memory(),
                calls.number("nvmlDeviceGetTemperature", device, CORE_TEMPERATURE),
                calls.number("nvmlDeviceGetPowerUsage", device),
                calls.number("nvmlDeviceGetPowerManagementLimit", device),
                calls.longNumber("nvmlDeviceGetTotalEnergyConsumption", device),
                calls.number("nvmlDeviceGetClockInfo", device, SM_CLOCK),
                calls.number("nvmlDeviceGetClockInfo", device, MEMORY_CLOCK),
                ecc(),
                remappedRows(),
                processes().stream().toList());
    }

    private static OptionalInt field(MemorySegment utilization, String name) {
        return OptionalInt.of(utilization.get(ValueLayout.JAVA_INT, at(UTILIZATION, name)));
    }

    private Optional<Memory> memory() throws NvmlException {
        if (library.has("nvmlDeviceGetMemoryInfo_v2")) {
            var memory = calls.memory().allocate(MEMORY_V2);
            memory.set(ValueLayout.JAVA_INT, at(MEMORY_V2, "version"), NvmlStructs.version(MEMORY_V2, 2));
            return memory("nvmlDeviceGetMemoryInfo_v2", memory, MEMORY_V2);
        }
        return memory("nvmlDeviceGetMemoryInfo", calls.memory().allocate(MEMORY), MEMORY);
    }

    private Optional<Memory> memory(String function, MemorySegment memory, StructLayout struct) throws NvmlException {
        if (!library.offers(function, device, memory)) {
            return Optional.empty();
        }
        return Optional.of(new Memory(
                memory.get(ValueLayout.JAVA_LONG, at(struct, "total")),
                memory.get(ValueLayout.JAVA_LONG, at(struct, "used")),
                memory.get(ValueLayout.JAVA_LONG, at(struct, "free"))));
    }

    private Optional<Ecc> ecc() throws NvmlException {
        var corrected = calls.longNumber("nvmlDeviceGetTotalEccErrors", device, CORRECTED, SINCE_DRIVER_LOADED);
        var uncorrected = calls.longNumber("nvmlDeviceGetTotalEccErrors", device, UNCORRECTED, SINCE_DRIVER_LOADED);
        return corrected.isPresent() && uncorrected.isPresent()
                ? Optional.of(new Ecc(corrected.getAsLong(), uncorrected.getAsLong()))
                : Optional.empty();
    }

    private Optional<RemappedRows> remappedRows() throws NvmlException {
        var out = calls.memory().allocate(ValueLayout.JAVA_INT, 4);
        int size = (int) ValueLayout.JAVA_INT.byteSize();
        if (!library.offers(
                "nvmlDeviceGetRemappedRows",
                device,
                out,
                out.asSlice(size),
                out.asSlice(2L * size),
                out.asSlice(3L * size))) {
            return Optional.empty();
        }
        return Optional.of(new RemappedRows(
                out.getAtIndex(ValueLayout.JAVA_INT, 0),
                out.getAtIndex(ValueLayout.JAVA_INT, 1),
                out.getAtIndex(ValueLayout.JAVA_INT, 2) != 0,
                out.getAtIndex(ValueLayout.JAVA_INT, 3) != 0));
    }

    /** Those that compute and those that draw; one that does both is one. */
    private Collection<GpuProcess> processes() throws NvmlException {
        var processes = new TreeMap<Integer, GpuProcess>();
        for (var function :
                new String[] {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v3"}) {
            collect(function, processes);
        }
        return processes.values();
    }

    private void collect(String function, TreeMap<Integer, GpuProcess> found) throws NvmlException {
        var count = calls.memory().allocate(ValueLayout.JAVA_INT);
        int code = library.call(function, device, count, MemorySegment.NULL);
        if (code != NvmlException.INSUFFICIENT_SIZE) {
            return;
        }
        int room = count.get(ValueLayout.JAVA_INT, 0) + SPARE_PROCESSES;
        count.set(ValueLayout.JAVA_INT, 0, room);
        var infos = calls.memory().allocate(PROCESS_INFO, room);
        if (library.call(function, device, count, infos) != 0) {
            return;
        }
        for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
            var info = infos.asSlice(i * PROCESS_INFO.byteSize(), PROCESS_INFO);
            int pid = info.get(ValueLayout.JAVA_INT, at(PROCESS_INFO, "pid"));
            long used = info.get(ValueLayout.JAVA_LONG, at(PROCESS_INFO, "usedGpuMemory"));
            found.put(pid, new GpuProcess(pid, used == NOT_AVAILABLE ? OptionalLong.empty() : OptionalLong.of(used)));
        }
    }
}
