package io.shusuan.agent.node;

import static io.shusuan.agent.node.NvmlStructs.EVENT_DATA;
import static io.shusuan.agent.node.NvmlStructs.at;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** NVML as the driver brings it. */
public final class SystemNvml implements Nvml {
    private static final String LIBRARY = "libnvidia-ml.so.1";
    private static final long XID_CRITICAL_ERROR = 0x8;

    private final NvmlLibrary library;

    /** By index; each is a handle, or why there is none. */
    private final List<Device> devices = new ArrayList<>();

    private @Nullable MemorySegment events;

    private record Device(
            @Nullable MemorySegment handle, @Nullable NvmlException problem) {}

    private SystemNvml(NvmlLibrary library) {
        this.library = library;
    }

    /**
     * Loads the library and begins with it.
     *
     * @throws NvmlUnavailableException if there is no such library, or no driver beneath it
     */
    @SuppressWarnings("restricted") // the driver's own library
    public static Nvml open() throws NvmlUnavailableException {
        SymbolLookup symbols;
        try {
            symbols = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
        } catch (IllegalArgumentException notThere) {
            throw new NvmlUnavailableException(
                    LIBRARY + " cannot be loaded. It comes with NVIDIA's driver: install that, or, in a container, have"
                            + " NVIDIA's container runtime pass it in (NVIDIA_VISIBLE_DEVICES=all, NVIDIA_DRIVER_CAPABILITIES=utility)");
        }
        return open(symbols);
    }

    static Nvml open(SymbolLookup symbols) throws NvmlUnavailableException {
        var nvml = new SystemNvml(new NvmlLibrary(symbols));
        try {
            nvml.library.require("nvmlInit_v2");
        } catch (NvmlException failed) {
            throw new NvmlUnavailableException(
                    failed.getMessage() + ". nvidia-smi on this machine says the same; mend the driver first");
        }
        try {
            nvml.findDevices();
            nvml.registerEvents();
            return nvml;
        } catch (NvmlException failed) {
            nvml.close();
            throw new NvmlUnavailableException(failed.getMessage() + ": its GPUs cannot be listed");
        }
    }

    private void findDevices() throws NvmlException {
        try (var calls = new NvmlCalls(library)) {
            int count = calls.number("nvmlDeviceGetCount_v2").orElse(0);
            var out = calls.memory().allocate(ValueLayout.ADDRESS);
            for (int index = 0; index < count; index++) {
                int code = library.call("nvmlDeviceGetHandleByIndex_v2", index, out);
                devices.add(
                        code == 0
                                ? new Device(out.get(ValueLayout.ADDRESS, 0), null)
                                : new Device(null, library.failure("nvmlDeviceGetHandleByIndex_v2", code)));
            }
        }
    }

    /** Not every GPU and every driver tells of errors; what else they tell is of use all the same. */
    private void registerEvents() throws NvmlException {
        try (var calls = new NvmlCalls(library)) {
            var set = calls.handle("nvmlEventSetCreate").orElse(null);
            if (set == null) {
                return;
            }
            events = set;
            for (var device : devices) {
                if (device.handle() != null) {
                    library.call("nvmlDeviceRegisterEvents", device.handle(), XID_CRITICAL_ERROR, set);
                }
            }
        }
    }

    @Override
    public Driver driver() throws NvmlException {
        try (var calls = new NvmlCalls(library)) {
            int cuda = calls.number("nvmlSystemGetCudaDriverVersion_v2").orElse(0);
            return new Driver(calls.text("nvmlSystemGetDriverVersion"), cuda / 1000 + "." + cuda % 1000 / 10);
        }
    }

    @Override
    public int count() {
        return devices.size();
    }

    @Override
    public GpuDescription describe(int gpu) throws NvmlException {
        try (var calls = new NvmlCalls(library)) {
            return new NvmlDescription(library, calls, handle(gpu), new NvmlPlace(library, calls, handles())).read(gpu);
        }
    }

    @Override
    public GpuSample sample(int gpu) throws NvmlException {
        try (var calls = new NvmlCalls(library)) {
            return new NvmlSample(library, calls, handle(gpu)).read();
        }
    }

    /** Of those that could be opened, by index. */
    private Map<Integer, MemorySegment> handles() {
        var handles = new TreeMap<Integer, MemorySegment>();
        for (int index = 0; index < devices.size(); index++) {
            var handle = devices.get(index).handle();
            if (handle != null) {
                handles.put(index, handle);
            }
        }
        return handles;
    }

    private MemorySegment handle(int gpu) throws NvmlException {
        var device = devices.get(gpu);
        if (device.problem() != null) {
            throw device.problem();
        }
        if (device.handle() == null) {
            throw new IllegalStateException("GPU " + gpu + " has neither a handle nor a problem");
        }
        return device.handle();
    }

    @Override
    public List<Xid> newXids() throws NvmlException {
        var set = events;
        if (set == null) {
            return List.of();
        }
        var found = new ArrayList<Xid>();
        try (var calls = new NvmlCalls(library)) {
            var data = calls.memory().allocate(EVENT_DATA);
            int code = library.call("nvmlEventSetWait_v2", set, data, 0);
            while (code == 0) {
                if (data.get(ValueLayout.JAVA_LONG, at(EVENT_DATA, "eventType")) == XID_CRITICAL_ERROR) {
                    int gpu = indexOf(data.get(ValueLayout.ADDRESS, at(EVENT_DATA, "device")));
                    if (gpu >= 0) {
                        found.add(new Xid(gpu, (int) data.get(ValueLayout.JAVA_LONG, at(EVENT_DATA, "eventData"))));
                    }
                }
                code = library.call("nvmlEventSetWait_v2", set, data, 0);
            }
            // A GPU that is lost fails its calls too and is told of by them.
            if (code != NvmlException.TIMEOUT && code != NvmlException.GPU_IS_LOST) {
                throw library.failure("nvmlEventSetWait_v2", code);
            }
        }
        return found;
    }

    private int indexOf(MemorySegment handle) {
        for (int index = 0; index < devices.size(); index++) {
            if (handle.equals(devices.get(index).handle())) {
                return index;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        var set = events;
        if (set != null) {
            library.call("nvmlEventSetFree", set);
        }
        library.call("nvmlShutdown");
    }
}
