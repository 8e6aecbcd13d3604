package io.shusuan.agent.node;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/** The structures of {@code nvml.h} that are read here, as C lays them out on 64-bit machines. */
final class NvmlStructs {
    private static final int PADDING = 4;

    /** {@code nvmlMemory_t}. */
    static final StructLayout MEMORY = MemoryLayout.structLayout(
            ValueLayout.JAVA_LONG.withName("total"),
            ValueLayout.JAVA_LONG.withName("free"),
            ValueLayout.JAVA_LONG.withName("used"));

    /** {@code nvmlMemory_v2_t}, in which what the driver keeps is apart. */
    static final StructLayout MEMORY_V2 = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("version"),
            MemoryLayout.paddingLayout(PADDING),
            ValueLayout.JAVA_LONG.withName("total"),
            ValueLayout.JAVA_LONG.withName("reserved"),
            ValueLayout.JAVA_LONG.withName("free"),
            ValueLayout.JAVA_LONG.withName("used"));

    /** {@code nvmlUtilization_t}. */
    static final StructLayout UTILIZATION =
            MemoryLayout.structLayout(ValueLayout.JAVA_INT.withName("gpu"), ValueLayout.JAVA_INT.withName("memory"));

    /** {@code nvmlPciInfo_t}, third version. */
    static final StructLayout PCI_INFO = MemoryLayout.structLayout(
            MemoryLayout.sequenceLayout(16, ValueLayout.JAVA_BYTE).withName("busIdLegacy"),
            ValueLayout.JAVA_INT.withName("domain"),
            ValueLayout.JAVA_INT.withName("bus"),
            ValueLayout.JAVA_INT.withName("device"),
            ValueLayout.JAVA_INT.withName("pciDeviceId"),
            ValueLayout.JAVA_INT.withName("pciSubSystemId"),
            MemoryLayout.sequenceLayout(32, ValueLayout.JAVA_BYTE).withName("busId"));

    /** {@code nvmlProcessInfo_t}, second version, which the third functions fill. */
    static final StructLayout PROCESS_INFO = MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("pid"),
            MemoryLayout.paddingLayout(PADDING),
            ValueLayout.JAVA_LONG.withName("usedGpuMemory"),
            ValueLayout.JAVA_INT.withName("gpuInstanceId"),
            ValueLayout.JAVA_INT.withName("computeInstanceId"));

    /** {@code nvmlEventData_t}, second version. */
    static final StructLayout EVENT_DATA = MemoryLayout.structLayout(
            ValueLayout.ADDRESS.withName("device"),
            ValueLayout.JAVA_LONG.withName("eventType"),
            ValueLayout.JAVA_LONG.withName("eventData"),
            ValueLayout.JAVA_INT.withName("gpuInstanceId"),
            ValueLayout.JAVA_INT.withName("computeInstanceId"));

    private NvmlStructs() {}

    /** Where a field begins. */
    static long at(StructLayout struct, String field) {
        return struct.byteOffset(MemoryLayout.PathElement.groupElement(field));
    }

    /** What a structure's {@code version} has to say. */
    static int version(StructLayout struct, int number) {
        return (int) struct.byteSize() | number << 24;
    }
}
