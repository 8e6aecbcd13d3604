package io.shusuan.agent.engine.build;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to build one engine, among all processes that share the folder. It is a lock of the operating system's (on NFS: of its lock
 * service), so it ends with its process, however that ends. Its file stays: were it deleted, two could hold locks on two files of one name.
 */
final class KeyLock implements AutoCloseable {
    /** A process loses its lock with the first file of that name that it closes, so it must not open a second one. */
    private static final Set<Path> ours = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private KeyLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** The lock, when nobody has it. */
    static Optional<KeyLock> tryTake(Path file) throws IOException {
        var name = file.toAbsolutePath().normalize();
        if (!ours.add(name)) {
            return Optional.empty();
        }
        boolean taken = false;
        try {
            var channel = FileChannel.open(name, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                taken = channel.tryLock() != null;
            } finally {
                if (!taken) {
                    channel.close();
                }
            }
            return taken ? Optional.of(new KeyLock(name, channel)) : Optional.empty();
        } finally {
            if (!taken) {
                ours.remove(name);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            ours.remove(file);
        }
    }
}
