package io.shusuan.agent.backend.tensorrt;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** Memory of a GPU that another process shares: a file of the system's shared memory, whose name is the handle. */
final class StandInShared {
    private static final Pattern NAME = Pattern.compile("verify-cuda-[0-9]+");

    private final Map<Long, Opened> opened = new ConcurrentHashMap<>();

    private record Opened(MemorySegment memory, Arena arena) {}

    long open(byte[] handle) {
        var name = new String(handle, StandardCharsets.US_ASCII).replaceFirst("\0.*", "");
        if (!NAME.matcher(name).matches()) {
            throw refused();
        }
        var arena = Arena.ofShared();
        try (var file = FileChannel.open(Path.of("/dev/shm", name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var memory = file.map(MapMode.READ_WRITE, 0, file.size(), arena);
            opened.put(memory.address(), new Opened(memory, arena));
            return memory.address();
        } catch (IOException gone) {
            arena.close();
            throw refused();
        }
    }

    private static NativeException refused() {
        return NativeException.cuda("cudaIpcOpenMemHandle", 1, "cudaErrorInvalidValue", "invalid argument");
    }

    long bytes(long address) {
        return opened.get(address).memory().byteSize();
    }

    void close(long address) {
        opened.remove(address).arena().close();
    }
}
