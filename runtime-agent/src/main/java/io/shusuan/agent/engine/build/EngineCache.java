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
    private final Optional<EngineBucket> bucket;

    /** @param mostBytes what all entries together may occupy; those that were not used for longest go first */
    public EngineCache(Path folder, long mostBytes, Clock clock) {
        this(folder, mostBytes, clock, Optional.empty());
    }

    /**
     * @param mostBytes what all entries together may occupy; those that were not used for longest go first
     * @param bucket what stands behind the folder
     */
    public EngineCache(Path folder, long mostBytes, Clock clock, Optional<EngineBucket> bucket) {
        this.folder = folder;
        this.space = new CacheSpace(folder, mostBytes);
        this.clock = clock;
        this.bucket = bucket;
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

    /** The engine of a key, when it is there and whole, and that it is in use: what is not goes first when room is made. */
    public Optional<BuiltEngine> find(EngineKey key) throws EngineException {
        var found = whole(key);
        found.ifPresent(_ -> touch(entry(key)));
        return found;
    }

    /** The same, for whoever does not use it. */
    Optional<BuiltEngine> whole(EngineKey key) throws EngineException {
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
                space.remove(entry);
                return Optional.empty();
            }
            return Optional.of(engine);
        } catch (IOException gone) {
            if (Files.isDirectory(entry)) {
                throw unreadable(gone);
            }
            // somebody else made room in the meantime
            return Optional.empty();
        }
    }

    /**
     * The engine of a key, brought from the bucket where only that has it, which may take minutes. None where somebody else is building or
     * fetching it now.
     */
    public Optional<BuiltEngine> fetch(EngineKey key) throws EngineException {
        var found = find(key);
        if (found.isPresent() || bucket.isEmpty()) {
            return found;
        }
        try {
            Files.createDirectories(folder);
            var lock = KeyLock.tryTake(lock(key));
            if (lock.isEmpty()) {
                return Optional.empty();
            }
            try {
                return fetch(key, bucket.get());
            } finally {
                lock.get().close();
            }
        } catch (IOException failed) {
            throw unwritable(failed);
        }
    }

    private Optional<BuiltEngine> fetch(EngineKey key, EngineBucket from) throws EngineException, IOException {
        var found = find(key);
        if (found.isPresent() || !stage(key, staged -> from.fetch(key, staged, space.mostBytes()))) {
            return found;
        }
        var fetched = find(key);
        if (fetched.isEmpty()) {
            from.refuse(key);
        }
        return fetched;
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
                var lock = KeyLock.tryTake(lock(key));
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
            throw unwritable(failed);
        }
    }

    private Path lock(EngineKey key) {
        return folder.resolve("." + key.id() + ".lock");
    }

    private BuiltEngine build(EngineKey key, Builder builder) throws EngineException, IOException {
        var found = find(key);
        if (found.isPresent()) {
            return found.get();
        }
        stage(key, staged -> {
            builder.build(staged);
            Files.writeString(staged.resolve(BuiltEngine.KEY), key.text() + "\n");
            Files.writeString(staged.resolve(DIGEST), Sha256.of(List.of(staged.resolve(BuiltEngine.PLAN))) + "\n");
            return true;
        });
        return find(key)
                .orElseThrow(
                        () -> new EngineException(Fault.UNREADABLE, "the engine is gone from " + folder + " already"));
    }

    /** Fills the folder of an entry, unless there is nothing to fill it with. */
    private interface Filling {
        boolean fill(Path staged) throws EngineException, IOException;
    }

    /** For whoever holds the key's lock. */
    private boolean stage(EngineKey key, Filling filling) throws EngineException, IOException {
        var staged = CacheSpace.staged(folder, key.id());
        // what was left by somebody who was killed
        Folders.delete(staged);
        Files.createDirectories(staged);
        try {
            if (!filling.fill(staged)) {
                return false;
            }
            Folders.force(staged);
            Files.move(staged, entry(key), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(staged);
        }
        space.makeRoom(entry(key));
        return true;
    }

    /** Takes an engine out that turned out not to work, and does not take it from the bucket again. */
    public void discard(EngineKey key) throws EngineException {
        try {
            bucket.ifPresent(behind -> behind.refuse(key));
            space.remove(entry(key));
        } catch (IOException failed) {
            throw unreadable(failed);
        }
    }

    private Path entry(EngineKey key) {
        return folder.resolve(key.id());
    }

    /** What stands behind the folder. */
    public Optional<EngineBucket> bucket() {
        return bucket;
    }

    /** All engines that are there, whole. */
    List<Path> engines() throws IOException {
        return space.engines();
    }

    private EngineException unwritable(IOException failed) {
        return new EngineException(
                Fault.UNWRITABLE, "the cache of engines " + folder + " cannot be written: " + failed, failed);
    }

    private EngineException unreadable(IOException failed) {
        return new EngineException(
                Fault.UNREADABLE, "the cache of engines " + folder + " cannot be used: " + failed, failed);
    }
}
