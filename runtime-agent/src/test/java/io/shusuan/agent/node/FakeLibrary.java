package io.shusuan.agent.node;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * {@code libnvidia-ml.so.1} in Java: each method whose name begins with {@code nvml} is a C function. What it writes lies where the C header puts it, in
 * plain numbers, so that a wrong layout on the other side is found.
 *
 * <p>There are two GPUs: an H100 with two NVLinks, and an A100 that is cut into two instances and tells less of itself.
 */
@SuppressWarnings("unused") // called from C
final class FakeLibrary implements SymbolLookup, AutoCloseable {
    static final int SUCCESS = 0;
    static final long H100 = 0x1000;
    static final long A100 = 0x2000;
    static final long EVENTS = 0x3000;
    static final long FIRST_INSTANCE = 0x2100;
    static final long THIRD_INSTANCE = 0x2102;

    private final Arena arena = Arena.ofShared();
    private final Map<String, MemorySegment> functions = new HashMap<>();
    final Set<String> missing = new HashSet<>();
    final List<String> calls = new CopyOnWriteArrayList<>();
    final Queue<long[]> events = new ArrayDeque<>();
    int initCode = SUCCESS;
    int secondHandleCode = SUCCESS;
    int sampleCode = SUCCESS;

    @SuppressWarnings("restricted") // the other side of a native library
    FakeLibrary() throws IllegalAccessException {
        for (var method : FakeLibrary.class.getDeclaredMethods()) {
            if (method.getName().startsWith("nvml")) {
                var handle = MethodHandles.lookup().unreflect(method).bindTo(this);
                functions.put(method.getName(), Linker.nativeLinker().upcallStub(handle, descriptor(method), arena));
            }
        }
    }

    private static FunctionDescriptor descriptor(Method method) {
        return FunctionDescriptor.of(
                layout(method.getReturnType()),
                Arrays.stream(method.getParameterTypes())
                        .map(FakeLibrary::layout)
                        .toArray(MemoryLayout[]::new));
    }

    @SuppressWarnings("restricted") // memory whose size the other side knows
    private static MemoryLayout layout(Class<?> type) {
        if (type == int.class) {
            return ValueLayout.JAVA_INT;
        }
        return type == long.class
                ? ValueLayout.JAVA_LONG
                : ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(1024, ValueLayout.JAVA_BYTE));
    }

    @Override
    public Optional<MemorySegment> find(String name) {
        return missing.contains(name) ? Optional.empty() : Optional.ofNullable(functions.get(name));
    }

    @Override
    public void close() {
        arena.close();
    }

    int nvmlInit_v2() {
        calls.add("init");
        return initCode;
    }

    int nvmlShutdown() {
        calls.add("shutdown");
        return SUCCESS;
    }

    MemorySegment nvmlErrorString(int code) {
        return arena.allocateFrom(code == 9 ? "Driver Not Loaded" : code == 15 ? "GPU is lost" : "Unknown Error");
    }

    int nvmlSystemGetDriverVersion(MemorySegment text, int length) {
        return text(text, length, "580.65.06");
    }

    int nvmlSystemGetCudaDriverVersion_v2(MemorySegment out) {
        return number(out, 13_010);
    }

    int nvmlDeviceGetCount_v2(MemorySegment out) {
        return number(out, 2);
    }

    int nvmlDeviceGetHandleByIndex_v2(int index, MemorySegment out) {
        out.set(ValueLayout.JAVA_LONG, 0, index == 0 ? H100 : A100);
        return index == 0 ? SUCCESS : secondHandleCode;
    }

    int nvmlDeviceGetMinorNumber(MemorySegment device, MemorySegment out) {
        return number(out, isFirst(device) ? 4 : 5);
    }

    int nvmlDeviceGetUUID(MemorySegment device, MemorySegment text, int length) {
        return text(text, length, "GPU-" + Long.toHexString(device.address()));
    }

    int nvmlDeviceGetName(MemorySegment device, MemorySegment text, int length) {
        if (device.address() == FIRST_INSTANCE || device.address() == THIRD_INSTANCE) {
            return text(text, length, "NVIDIA A100-SXM4-40GB MIG 1g.5gb");
        }
        return text(text, length, isFirst(device) ? "NVIDIA H100 80GB HBM3" : "NVIDIA A100-SXM4-40GB");
    }

    int nvmlDeviceGetArchitecture(MemorySegment device, MemorySegment out) {
        return number(out, isFirst(device) ? 9 : 7);
    }

    int nvmlDeviceGetCudaComputeCapability(MemorySegment device, MemorySegment major, MemorySegment minor) {
        return number(major, isFirst(device) ? 9 : 8) + number(minor, 0);
    }

    int nvmlDeviceGetPciInfo_v3(MemorySegment device, MemorySegment info) {
        return text(info.asSlice(36), 32, isFirst(device) ? "00000000:3b:00.0" : "00000000:AF:00.0");
    }

    int nvmlDeviceGetCurrPcieLinkGeneration(MemorySegment device, MemorySegment out) {
        return number(out, 5);
    }

    int nvmlDeviceGetCurrPcieLinkWidth(MemorySegment device, MemorySegment out) {
        return number(out, 16);
    }

    int nvmlDeviceGetMigMode(MemorySegment device, MemorySegment now, MemorySegment pending) {
        return number(now, isFirst(device) ? 0 : 1) + number(pending, 0);
    }

    int nvmlDeviceGetMaxMigDeviceCount(MemorySegment device, MemorySegment out) {
        return number(out, 7);
    }

    /** The second place is empty, as it is when instances were taken away. */
    int nvmlDeviceGetMigDeviceHandleByIndex(MemorySegment device, int index, MemorySegment out) {
        if (index != 0 && index != 2) {
            return NvmlException.NOT_FOUND;
        }
        out.set(ValueLayout.JAVA_LONG, 0, FIRST_INSTANCE + index);
        return SUCCESS;
    }

    int nvmlDeviceGetCpuAffinity(MemorySegment device, int words, MemorySegment mask) {
        if (!isFirst(device)) {
            return NvmlException.NOT_SUPPORTED;
        }
        mask.set(ValueLayout.JAVA_LONG, 0, 0xF0FL);
        mask.set(ValueLayout.JAVA_LONG, 8, 1L);
        return words * 64 > 1024 ? SUCCESS : NvmlException.INSUFFICIENT_SIZE;
    }

    int nvmlDeviceGetMemoryAffinity(MemorySegment device, int words, MemorySegment mask, int scope) {
        if (!isFirst(device) || scope != 0) {
            return NvmlException.NOT_SUPPORTED;
        }
        mask.set(ValueLayout.JAVA_LONG, 0, 2L);
        return words >= 2 ? SUCCESS : NvmlException.INSUFFICIENT_SIZE;
    }

    int nvmlDeviceGetTopologyCommonAncestor(MemorySegment one, MemorySegment other, MemorySegment out) {
        return one.address() == other.address() ? NvmlException.INVALID_ARGUMENT : number(out, 40);
    }

    int nvmlDeviceGetNvLinkState(MemorySegment device, int link, MemorySegment out) {
        if (!isFirst(device)) {
            return NvmlException.NOT_SUPPORTED;
        }
        return link < 12 ? number(out, link < 2 ? 1 : 0) : NvmlException.INVALID_ARGUMENT;
    }

    int nvmlDeviceGetNvLinkRemotePciInfo_v2(MemorySegment device, int link, MemorySegment info) {
        return text(info.asSlice(36), 32, "00000000:c%d:00.0".formatted(link));
    }

    int nvmlDeviceGetUtilizationRates(MemorySegment device, MemorySegment out) {
        if (!isFirst(device)) {
            return NvmlException.NOT_SUPPORTED;
        }
        out.set(ValueLayout.JAVA_INT, 4, 40);
        return sampleCode + number(out, 97);
    }

    int nvmlDeviceGetMemoryInfo_v2(MemorySegment device, MemorySegment out) {
        if (out.get(ValueLayout.JAVA_INT, 0) != 0x2000028) {
            return 25; // the version of the argument is not known
        }
        out.set(ValueLayout.JAVA_LONG, 8, 80L << 30);
        out.set(ValueLayout.JAVA_LONG, 16, 1L << 30);
        out.set(ValueLayout.JAVA_LONG, 24, 19L << 30);
        out.set(ValueLayout.JAVA_LONG, 32, 60L << 30);
        return SUCCESS;
    }

    int nvmlDeviceGetMemoryInfo(MemorySegment device, MemorySegment out) {
        out.set(ValueLayout.JAVA_LONG, 0, 5L << 30);
        out.set(ValueLayout.JAVA_LONG, 8, 3L << 30);
        out.set(ValueLayout.JAVA_LONG, 16, 2L << 30);
        return SUCCESS;
    }

    int nvmlDeviceGetTemperature(MemorySegment device, int sensor, MemorySegment out) {
        return sensor == 0 ? number(out, 61) : NvmlException.INVALID_ARGUMENT;
    }

    int nvmlDeviceGetPowerUsage(MemorySegment device, MemorySegment out) {
        return number(out, 512_345);
    }

    int nvmlDeviceGetPowerManagementLimit(MemorySegment device, MemorySegment out) {
        return isFirst(device) ? number(out, 700_000) : NvmlException.NO_PERMISSION;
    }

    int nvmlDeviceGetTotalEnergyConsumption(MemorySegment device, MemorySegment out) {
        out.set(ValueLayout.JAVA_LONG, 0, 5_000_000_000L);
        return SUCCESS;
    }

    int nvmlDeviceGetClockInfo(MemorySegment device, int clock, MemorySegment out) {
        return number(out, clock == 1 ? 1980 : clock == 2 ? 2619 : -1);
    }

    int nvmlDeviceGetTotalEccErrors(MemorySegment device, int kind, int counter, MemorySegment out) {
        out.set(ValueLayout.JAVA_LONG, 0, counter == 0 ? kind == 0 ? 7 : 1 : 99);
        return SUCCESS;
    }

    int nvmlDeviceGetRemappedRows(
            MemorySegment device,
            MemorySegment correctable,
            MemorySegment uncorrectable,
            MemorySegment pending,
            MemorySegment failed) {
        return number(correctable, 3) + number(uncorrectable, 1) + number(pending, 1) + number(failed, 0);
    }

    int nvmlDeviceGetComputeRunningProcesses_v3(MemorySegment device, MemorySegment count, MemorySegment infos) {
        if (!isFirst(device)) {
            return number(count, 0);
        }
        if (count.get(ValueLayout.JAVA_INT, 0) < 2) {
            number(count, 2);
            return NvmlException.INSUFFICIENT_SIZE;
        }
        process(infos, 0, 4711, 30L << 30);
        process(infos, 1, 4712, -1);
        return number(count, 2);
    }

    int nvmlDeviceGetGraphicsRunningProcesses_v3(MemorySegment device, MemorySegment count, MemorySegment infos) {
        return NvmlException.NOT_SUPPORTED;
    }

    int nvmlEventSetCreate(MemorySegment out) {
        out.set(ValueLayout.JAVA_LONG, 0, EVENTS);
        return SUCCESS;
    }

    int nvmlDeviceRegisterEvents(MemorySegment device, long types, MemorySegment set) {
        calls.add("register %x for %d in %x".formatted(device.address(), types, set.address()));
        return isFirst(device) ? SUCCESS : NvmlException.NOT_SUPPORTED;
    }

    int nvmlEventSetWait_v2(MemorySegment set, MemorySegment data, int milliseconds) {
        var event = events.poll();
        if (event == null) {
            return NvmlException.TIMEOUT;
        }
        data.set(ValueLayout.JAVA_LONG, 0, event[0]);
        data.set(ValueLayout.JAVA_LONG, 8, event[1]);
        data.set(ValueLayout.JAVA_LONG, 16, event[2]);
        return set.address() == EVENTS && milliseconds == 0 ? SUCCESS : NvmlException.INVALID_ARGUMENT;
    }

    int nvmlEventSetFree(MemorySegment set) {
        calls.add("free events");
        return SUCCESS;
    }

    private static boolean isFirst(MemorySegment device) {
        return device.address() == H100;
    }

    private static int number(MemorySegment out, int value) {
        out.set(ValueLayout.JAVA_INT, 0, value);
        return SUCCESS;
    }

    private static int text(MemorySegment out, int length, String text) {
        if (text.length() >= length) {
            return NvmlException.INSUFFICIENT_SIZE;
        }
        out.setString(0, text);
        return SUCCESS;
    }

    private static void process(MemorySegment infos, int index, int pid, long memory) {
        infos.set(ValueLayout.JAVA_INT, index * 24L, pid);
        infos.set(ValueLayout.JAVA_LONG, index * 24L + 8, memory);
        infos.set(ValueLayout.JAVA_LONG, index * 24L + 16, -1);
    }
}
