package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.Folders;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/** Keeps the cache's folder within its bound, and free of what killed builds left. */
record CacheSpace(Path folder, long mostBytes) {
    private static final Logger log = System.getLogger(EngineCache.class.getName());
    private static final Pattern ENTRY = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern STAGED = Pattern.compile("\\.([0-9a-f]{64})\\.building");

    private static final Pattern LEAVING = Pattern.compile("\\.leaving-.*");

    private record Entry(Path path, long bytes, FileTime used) {}

    /** Where an entry is written before it is whole. */
    static Path staged(Path folder, String id) {
        return folder.resolve("." + id + ".building");
    }

    /** Removes what was not used for longest until the rest fits; what was built just now stays. */
    void makeRoom(Path newest) throws IOException {
        removeAbandoned();
        var entries = entries();
        long bytes = entries.stream().mapToLong(Entry::bytes).sum();
        entries.sort(Comparator.comparing(Entry::used));
        for (var entry : entries) {
            if (bytes <= mostBytes) {
                return;
            }
            if (!entry.path().equals(newest)) {
                remove(entry.path());
                bytes -= entry.bytes();
                log.log(Level.INFO, "the engine {0} was not used since {1} and makes room", entry.path(), entry.used());
            }
        }
    }

    private List<Entry> entries() throws IOException {
        var entries = new ArrayList<Entry>();
        for (var path : named(ENTRY)) {
            try {
                entries.add(new Entry(path, Folders.size(path), Files.getLastModifiedTime(path)));
            } catch (NoSuchFileException gone) {
                log.log(Level.DEBUG, "{0} went while the cache was looked at", path);
            }
        }
        return entries;
    }

    /** All engines that are there, whole. */
    List<Path> engines() throws IOException {
        return Files.isDirectory(folder) ? named(ENTRY) : List.of();
    }

    private List<Path> named(Pattern pattern) throws IOException {
        try (var children = Files.list(folder)) {
            return children.filter(path ->
                            pattern.matcher(path.getFileName().toString()).matches())
                    .toList();
        }
    }

    /** A build that is still under way holds the lock of its key. */
    private void removeAbandoned() throws IOException {
        for (var leaving : named(LEAVING)) {
            Folders.delete(leaving);
        }
        for (var staged : named(STAGED)) {
            var name = staged.getFileName().toString();
            var lock = KeyLock.tryTake(folder.resolve(name.replaceFirst("building$", "lock")));
            if (lock.isPresent()) {
                try {
                    Folders.delete(staged);
                } finally {
                    lock.get().close();
                }
            }
        }
    }

    /** Takes an entry away in one step, so that nobody finds half of it. */
    void remove(Path entry) throws IOException {
        var leaving = Files.createTempDirectory(folder, ".leaving-");
        try {
            Files.move(entry, leaving.resolve(entry.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
            log.log(Level.DEBUG, "{0} is gone already", entry);
        } finally {
            Folders.delete(leaving);
        }
    }
}
