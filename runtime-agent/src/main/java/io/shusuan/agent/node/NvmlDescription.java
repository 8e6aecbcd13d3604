package io.shusuan.agent.node;

import static io.shusuan.agent.node.NvmlStructs.MEMORY;
import static io.shusuan.agent.node.NvmlStructs.PCI_INFO;
import static io.shusuan.agent.node.NvmlStructs.at;

import io.shusuan.agent.node.GpuDescription.MigInstance;
import io.shusuan.agent.node.GpuDescription.Pcie;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads what a GPU is. */
record NvmlDescription(NvmlLibrary library, NvmlCalls calls, MemorySegment device, NvmlPlace place) {
    private static final int ENABLED = 1;

    /** As many as any GPU has so far; those with fewer refuse the rest. */
    private static final int MOST_LINKS = 18;

    GpuDescription read(int index) throws NvmlException {
        boolean mig = migEnabled();
        return new GpuDescription(
                index,
                calls.number("nvmlDeviceGetMinorNumber", device),
                calls.text("nvmlDeviceGetUUID", device),
                calls.text("nvmlDeviceGetName", device),
                Architecture.named(
                        calls.number("nvmlDeviceGetArchitecture", device).orElse(-1)),
                computeCapability(),
                pciBusId(),
                pcie(),
                mig,
                mig ? migInstances() : List.of(),
                nvlinks(),
                place.read(device));
    }

    private String computeCapability() throws NvmlException {
        var major = calls.memory().allocate(ValueLayout.JAVA_INT);
        var minor = calls.memory().allocate(ValueLayout.JAVA_INT);
        return library.offers("nvmlDeviceGetCudaComputeCapability", device, major, minor)
                ? major.get(ValueLayout.JAVA_INT, 0) + "." + minor.get(ValueLayout.JAVA_INT, 0)
                : "";
    }

    private String pciBusId() throws NvmlException {
        var info = calls.memory().allocate(PCI_INFO);
        return library.offers("nvmlDeviceGetPciInfo_v3", device, info) ? busId(info) : "";
    }

    private static String busId(MemorySegment info) {
        return info.getString(at(PCI_INFO, "busId")).toUpperCase(Locale.ROOT);
    }

    private Optional<Pcie> pcie() throws NvmlException {
        var generation = calls.number("nvmlDeviceGetCurrPcieLinkGeneration", device);
        var width = calls.number("nvmlDeviceGetCurrPcieLinkWidth", device);
        return generation.isPresent() && width.isPresent()
                ? Optional.of(new Pcie(generation.getAsInt(), width.getAsInt()))
                : Optional.empty();
    }

    private boolean migEnabled() throws NvmlException {
        var now = calls.memory().allocate(ValueLayout.JAVA_INT);
        var afterReset = calls.memory().allocate(ValueLayout.JAVA_INT);
        return library.offers("nvmlDeviceGetMigMode", device, now, afterReset)
                && now.get(ValueLayout.JAVA_INT, 0) == ENABLED;
    }

    private List<MigInstance> migInstances() throws NvmlException {
        var instances = new ArrayList<MigInstance>();
        int most = calls.number("nvmlDeviceGetMaxMigDeviceCount", device).orElse(0);
        for (int index = 0; index < most; index++) {
            var instance = calls.handle("nvmlDeviceGetMigDeviceHandleByIndex", device, index);
            if (instance.isPresent()) {
                var memory = calls.memory().allocate(MEMORY);
                library.offers("nvmlDeviceGetMemoryInfo", instance.get(), memory);
                instances.add(new MigInstance(
                        calls.text("nvmlDeviceGetUUID", instance.get()),
                        calls.text("nvmlDeviceGetName", instance.get()),
                        memory.get(ValueLayout.JAVA_LONG, at(MEMORY, "total"))));
            }
        }
        return instances;
    }

    private List<String> nvlinks() throws NvmlException {
        var remotes = new ArrayList<String>();
        for (int link = 0; link < MOST_LINKS; link++) {
            var state = calls.number("nvmlDeviceGetNvLinkState", device, link);
            if (state.isPresent() && state.getAsInt() == ENABLED) {
                var remote = calls.memory().allocate(PCI_INFO);
                remotes.add(
                        library.offers("nvmlDeviceGetNvLinkRemotePciInfo_v2", device, link, remote)
                                ? busId(remote)
                                : "");
            }
        }
        return remotes;
    }
}
