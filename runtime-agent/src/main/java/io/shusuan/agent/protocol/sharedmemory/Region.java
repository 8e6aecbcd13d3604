package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shusuan.agent.inference.ServingException;

/** Memory that a client has registered, with the number of its users: the registry, and each buffer. The last one out frees it. */
abstract sealed class Region permits SystemRegion, DeviceRegion {
    private final String name;
    private final long byteSize;
    private int users = 1;

    /** Whoever makes it is its first user. */
    Region(String name, long byteSize) {
        this.name = name;
        this.byteSize = byteSize;
    }

    /** A piece of the region, whose last release gives the use back. The caller has checked that the region is still registered. */
    final ByteBuf slice(SharedPlace place) {
        requireInside(place);
        requireWhole();
        if (place.byteSize() == 0) {
            return Unpooled.buffer(0, 0);
        }
        retain();
        return piece(place);
    }

    /** A buffer over a place within the region, which gives one use back when it is released. */
    abstract ByteBuf piece(SharedPlace place);

    /** Refuses when what was registered is not all there any more. */
    void requireWhole() {}

    abstract void free();

    private void requireInside(SharedPlace place) {
        if (place.offset() > byteSize || place.byteSize() > byteSize - place.offset()) {
            throw ServingException.invalid("Invalid offset + byte size for shared memory region: '" + name + "'");
        }
        if (place.byteSize() > Integer.MAX_VALUE - 8) {
            throw ServingException.invalid(
                    "a tensor in shared memory region '" + name + "' is larger than the 2 GiB one buffer can hold");
        }
    }

    private synchronized void retain() {
        if (users == 0) {
            throw ServingException.notFound("Unable to find shared memory region: '" + name + "'");
        }
        users++;
    }

    /** Gives one use back. */
    final void release() {
        synchronized (this) {
            users--;
            if (users > 0) {
                return;
            }
        }
        free();
    }
}
