package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.Reason;
import io.shusuan.agent.inference.ServingException;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/** The regions that clients have registered. */
public final class SharedMemory {
    private static final String RESERVED = "triton_python_backend_shm_region_";
    private static final int MAX_REGIONS = 65_536;

    private final boolean allowed;
    private final ConcurrentSkipListMap<String, Region> regions = new ConcurrentSkipListMap<>();

    /** @param allowed whether clients may register regions; where they may not there are none */
    public SharedMemory(boolean allowed) {
        this.allowed = allowed;
    }

    /** Offset and size are unsigned. */
    public void register(String name, String key, long offset, long byteSize) {
        if (!allowed) {
            throw ServingException.unsupported("shared memory region '" + name
                    + "' is refused: this server takes none unless it is started with --allow-client-shm=true");
        }
        if (name.isEmpty() || offset < 0 || byteSize <= 0) {
            throw ServingException.invalid("failed to register shared memory region '" + name
                    + "': it needs a name, an offset and a byte_size above 0");
        }
        if (key.contains(RESERVED)) {
            throw ServingException.invalid("cannot register shared memory region '" + name + "' with key '" + key
                    + "' as the key contains the reserved prefix '" + RESERVED + "'");
        }
        if (regions.containsKey(name)) {
            throw duplicate(name);
        }
        if (regions.size() >= MAX_REGIONS) {
            throw ServingException.unavailable("there are " + MAX_REGIONS + " shared memory regions already");
        }
        var region = Region.open(new RegionStatus(name, key, offset, byteSize));
        if (regions.putIfAbsent(name, region) != null) {
            region.release();
            throw duplicate(name);
        }
    }

    private static ServingException duplicate(String name) {
        return new ServingException(Reason.ALREADY_EXISTS, "shared memory region '" + name + "' already in manager");
    }

    /** All regions, by name. */
    public List<RegionStatus> status() {
        return regions.values().stream().map(Region::status).toList();
    }

    public RegionStatus status(String name) {
        var region = regions.get(name);
        if (region == null) {
            throw ServingException.notFound("Unable to find system shared memory region: '" + name + "'");
        }
        return region.status();
    }

    /** Forgets a region, if it is there. Requests that use it finish first. */
    public void unregister(String name) {
        var region = regions.remove(name);
        if (region != null) {
            region.release();
        }
    }

    public void unregisterAll() {
        regions.keySet().forEach(this::unregister);
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
