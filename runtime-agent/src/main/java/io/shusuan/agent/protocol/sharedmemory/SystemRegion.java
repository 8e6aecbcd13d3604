package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.ServingException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A region of the system's shared memory, which is mapped. */
final class SystemRegion extends Region {
    private static final Path SYSTEM = Path.of("/dev/shm");

    private final RegionStatus status;
    private final String name;
    private final FileChannel file;
    private final Arena arena;
    private final MemorySegment memory;

    private SystemRegion(RegionStatus status, String name, FileChannel file, Arena arena, MemorySegment memory) {
        super(status.name(), status.byteSize());
        this.status = status;
        this.name = name;
        this.file = file;
        this.arena = arena;
        this.memory = memory;
    }

    /** Maps a region; the caller is its first user. */
    @SuppressWarnings("MustBeClosed") // the last release closes it
    static SystemRegion open(RegionStatus wanted) {
        var name = wanted.key().startsWith("/") ? wanted.key().substring(1) : wanted.key();
        if (name.isEmpty() || name.startsWith(".") || name.contains("/") || name.indexOf('\0') >= 0) {
            throw cannotOpen(wanted);
        }
        var arena = Arena.ofShared();
        FileChannel file;
        try {
            file = FileChannel.open(SYSTEM.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException notThere) {
            arena.close();
            throw cannotOpen(wanted);
        }
        boolean mapped = false;
        try {
            if (wanted.byteSize() > file.size() - wanted.offset()) {
                throw ServingException.invalid("failed to register shared memory region '" + wanted.name()
                        + "': it ends at byte " + Long.toUnsignedString(wanted.offset() + wanted.byteSize())
                        + " and '" + wanted.key() + "' has " + file.size());
            }
            var region = new SystemRegion(
                    wanted, name, file, arena, file.map(MapMode.READ_WRITE, wanted.offset(), wanted.byteSize(), arena));
            mapped = true;
            return region;
        } catch (IOException failed) {
            throw ServingException.internal(
                    "unable to map shared memory region '" + wanted.name() + "' of key '" + wanted.key() + "'");
        } finally {
            if (!mapped) {
                arena.close();
                close(file);
            }
        }
    }

    private static ServingException cannotOpen(RegionStatus wanted) {
        return ServingException.internal("Unable to open shared memory region: '" + wanted.key() + "'");
    }

    RegionStatus status() {
        return status;
    }

    boolean isSameFileAs(SystemRegion other) {
        return name.equals(other.name);
    }

    @Override
    ByteBuf piece(SharedPlace place) {
        var bytes = memory.asSlice(place.offset(), place.byteSize()).asByteBuffer();
        return new RegionBuffer(this, status.offset() + place.offset(), bytes);
    }

    /** Touching pages that the client has cut off since would crash the process. */
    @Override
    void requireWhole() {
        try {
            if (file.size() < status.offset() + status.byteSize()) {
                throw ServingException.invalid("shared memory region '" + status.name()
                        + "' has become smaller than it was when it was registered");
            }
        } catch (IOException unreadable) {
            throw ServingException.internal("shared memory region '" + status.name() + "' cannot be read any more");
        }
    }

    @Override
    void free() {
        arena.close();
        close(file);
    }

    private static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException lost) {
            throw new IllegalStateException("a shared memory file could not be closed", lost);
        }
    }
}
