package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.DeviceMemory;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/** The regions that clients have registered. */
public final class SharedMemory {
    private static final String RESERVED = "triton_python_backend_shm_region_";
    /** The size of a {@code cudaIpcMemHandle_t}. */
    private static final int HANDLE_BYTES = 64;

    private static final int MAX_REGIONS = 65_536;

    private final boolean allowed;
    private final DeviceMemory.Source devices;
    private final ConcurrentSkipListMap<String, Region> regions = new ConcurrentSkipListMap<>();

    /**
     * @param allowed whether clients may register regions; where they may not there are none
     * @param devices what opens the memory of GPUs
     */
    public SharedMemory(boolean allowed, DeviceMemory.Source devices) {
        this.allowed = allowed;
        this.devices = devices;
    }

    /** Offset and size are unsigned. */
    public void register(String name, String key, long offset, long byteSize) {
        requireAllowed(name);
        if (name.isEmpty() || offset < 0 || byteSize <= 0) {
            throw ServingException.invalid("failed to register shared memory region '" + name
                    + "': it needs a name, an offset and a byte_size above 0");
        }
        if (key.contains(RESERVED)) {
            throw ServingException.invalid("cannot register shared memory region '" + name + "' with key '" + key
                    + "' as the key contains the reserved prefix '" + RESERVED + "'");
        }
        requireRoom(name);
        add(name, SystemRegion.open(new RegionStatus(name, key, offset, byteSize)));
    }

    /** Registers memory of a GPU by its {@code cudaIpcMemHandle_t}. The size is unsigned. */
    public void registerDevice(String name, byte[] handle, long gpu, long byteSize) {
        if (handle.length != HANDLE_BYTES) {
            throw ServingException.invalid("'raw_handle' must be a valid base64 encoded cudaIpcMemHandle_t");
        }
        requireAllowed(name);
        if (name.isEmpty() || byteSize <= 0 || gpu < 0 || gpu > Integer.MAX_VALUE) {
            throw ServingException.invalid("failed to register CUDA shared memory region '" + name
                    + "': it needs a name, the device_id of a GPU and a byte_size above 0");
        }
        requireRoom(name);
        var memory = devices.open((int) gpu, handle, byteSize)
                .orElseThrow(() -> ServingException.unsupported("failed to register CUDA shared memory region: '" + name
                        + "', this server has no CUDA: use system shared memory"));
        add(name, new DeviceRegion(new DeviceRegionStatus(name, gpu, byteSize), memory));
    }

    private void requireAllowed(String name) {
        if (!allowed) {
            throw ServingException.unsupported("shared memory region '" + name
                    + "' is refused: this server takes none unless it is started with --allow-client-shm=true");
        }
    }

    private void requireRoom(String name) {
        if (regions.containsKey(name)) {
            throw duplicate(name);
        }
        if (regions.size() >= MAX_REGIONS) {
            throw ServingException.unavailable("there are " + MAX_REGIONS + " shared memory regions already");
        }
    }

    private void add(String name, Region region) {
        if (regions.putIfAbsent(name, region) != null) {
            region.release();
            throw duplicate(name);
        }
    }

    private static ServingException duplicate(String name) {
        return new ServingException(Reason.ALREADY_EXISTS, "shared memory region '" + name + "' already in manager");
    }

    /** All regions of the system's memory, by name. */
    public List<RegionStatus> status() {
        return regions.values().stream()
                .flatMap(region -> region instanceof SystemRegion system ? Stream.of(system.status()) : Stream.of())
                .toList();
    }

    public RegionStatus status(String name) {
        if (regions.get(name) instanceof SystemRegion region) {
            return region.status();
        }
        throw ServingException.notFound("Unable to find system shared memory region: '" + name + "'");
    }

    /** All regions of GPUs' memory, by name. */
    public List<DeviceRegionStatus> deviceStatus() {
        return regions.values().stream()
                .flatMap(region -> region instanceof DeviceRegion device ? Stream.of(device.status()) : Stream.of())
                .toList();
    }

    public DeviceRegionStatus deviceStatus(String name) {
        if (regions.get(name) instanceof DeviceRegion region) {
            return region.status();
        }
        throw ServingException.notFound("Unable to find CUDA shared memory region: '" + name + "'");
    }

    /** Forgets a region of the system's memory, if it is there. Requests that use it finish first. */
    public void unregister(String name) {
        remove(name, SystemRegion.class);
    }

    /** Forgets a region of a GPU's memory, if it is there. Requests that use it finish first. */
    public void unregisterDevice(String name) {
        remove(name, DeviceRegion.class);
    }

    private void remove(String name, Class<? extends Region> kind) {
        var region = regions.get(name);
        if (kind.isInstance(region) && regions.remove(name, region)) {
            region.release();
        }
    }

    public void unregisterAll() {
        regions.keySet().forEach(this::unregister);
    }

    public void unregisterAllDevices() {
        regions.keySet().forEach(this::unregisterDevice);
    }

    /** The memory of a place; the caller owns the buffer. It is full: reader at the beginning, writer at the end. */
    public ByteBuf open(SharedPlace place) {
        var region = regions.get(place.region());
        if (region == null) {
            throw ServingException.notFound("Unable to find shared memory region: '" + place.region() + "'");
        }
        return region.slice(place);
    }
}
