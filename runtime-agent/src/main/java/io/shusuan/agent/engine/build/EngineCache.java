package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.Folders;
import io.shusuan.agent.engine.conversion.OutputFolder;
import io.shusuan.agent.engine.graph.Sha256;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Engines by what they were built from, in a folder that many processes and machines may share. An entry is a folder that is written under
 * a hidden name and renamed when it is whole: there is never a part of one. Only one process builds an entry, the others wait for it.
 */
public final class EngineCache {
    private static final Logger log = System.getLogger(EngineCache.class.getName());
    private static final String DIGEST = "model.plan.sha256";
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final Path folder;
    private final CacheSpace space;
    private final Clock clock;

    /** @param mostBytes what all entries together may occupy; those that were not used for longest go first */
    public EngineCache(Path folder, long mostBytes, Clock clock) {
        this.folder = folder;
        this.space = new CacheSpace(folder, mostBytes);
        this.clock = clock;
    }

    /** Fills the folder of a new entry: with a plan at least. */
    public interface Builder {
        void build(Path entry) throws EngineException, IOException;
    }

    /** What a command would have to be told to use the same. */
    public List<String> words() {
        return List.of("--cache=" + folder.toAbsolutePath(), "--cache-mbytes=" + (space.mostBytes() >> 20));
    }

    /** The times of kernels that builds on such a platform have measured so far. */
    Path timings(Platform platform) {
        return folder.resolve("timings-" + platform.tensorRt() + "-" + platform.architecture());
    }

    /** The engine of a key, when it is there and whole. */
    public Optional<BuiltEngine> find(EngineKey key) throws EngineException {
        var entry = entry(key);
        if (!Files.isDirectory(entry)) {
            return Optional.empty();
        }
        try {
            var engine = new BuiltEngine(entry, OutputFolder.rejection(entry));
            if (!engine.isThere()
                    || !Sha256.of(List.of(engine.plan()))
                            .equals(Files.readString(entry.resolve(DIGEST)).strip())) {
                log.log(Level.WARNING, "the engine in {0} is damaged and will be built again", entry);
                discard(key);
                return Optional.empty();
            }
            touch(entry);
            return Optional.of(engine);
        } catch (IOException gone) {
            if (Files.isDirectory(entry)) {
                throw unreadable(gone);
            }
            // somebody else made room in the meantime
            return Optional.empty();
        }
    }

    private void touch(Path entry) {
        try {
            Files.setLastModifiedTime(entry, FileTime.from(clock.instant()));
        } catch (IOException readOnly) {
            log.log(Level.DEBUG, "the use of {0} cannot be noted: {1}", entry, readOnly.toString());
        }
    }

    /** The engine of a key. Where it is not there this process builds it, or waits until another has. */
    BuiltEngine get(EngineKey key, Builder builder) throws EngineException, InterruptedException {
        try {
            Files.createDirectories(folder);
            while (true) {
                var found = find(key);
                if (found.isPresent()) {
                    return found.get();
                }
                var lock = KeyLock.tryTake(folder.resolve("." + key.id() + ".lock"));
                if (lock.isPresent()) {
                    try {
                        return build(key, builder);
                    } finally {
                        lock.get().close();
                    }
                }
                Thread.sleep(LOOK_AGAIN);
            }
        } catch (IOException failed) {
            throw new EngineException(
                    Fault.UNWRITABLE, "the cache of engines " + folder + " cannot be written: " + failed, failed);
        }
    }

    private BuiltEngine build(EngineKey key, Builder builder) throws EngineException, IOException {
        var found = find(key);
        if (found.isPresent()) {
            return found.get();
        }
        var staged = CacheSpace.staged(folder, key.id());
        // what a build left that was killed
        Folders.delete(staged);
        Files.createDirectories(staged);
        try {
            builder.build(staged);
            Files.writeString(staged.resolve("key.txt"), key.text() + "\n");
            Files.writeString(staged.resolve(DIGEST), Sha256.of(List.of(staged.resolve(BuiltEngine.PLAN))) + "\n");
            Folders.force(staged);
            Files.move(staged, entry(key), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(staged);
        }
        space.makeRoom(entry(key));
        return find(key)
                .orElseThrow(
                        () -> new EngineException(Fault.UNREADABLE, "the engine is gone from " + folder + " already"));
    }

    /** Takes an engine out that turned out not to work. */
    public void discard(EngineKey key) throws EngineException {
        try {
            space.remove(entry(key));
        } catch (IOException failed) {
            throw unreadable(failed);
        }
    }

    private Path entry(EngineKey key) {
        return folder.resolve(key.id());
    }

    private EngineException unreadable(IOException failed) {
        return new EngineException(
                Fault.UNREADABLE, "the cache of engines " + folder + " cannot be used: " + failed, failed);
    }
}
