package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.ServingException;

/** Memory that a client has registered. It stays as long as somebody uses it: the registry, and each buffer. */
sealed interface Region permits SystemRegion, DeviceRegion {
    /** A piece of the region, whose last release gives the use back. The caller has checked that the region is still registered. */
    ByteBuf slice(SharedPlace place);

    /** Gives one use back. */
    void release();

    static void requireInside(SharedPlace place, String name, long size) {
        if (place.offset() > size || place.byteSize() > size - place.offset()) {
            throw ServingException.invalid("Invalid offset + byte size for shared memory region: '" + name + "'");
        }
        if (place.byteSize() > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid(
                    "a tensor in shared memory region '" + name + "' is larger than the 2 GiB one buffer can hold");
        }
    }
}
