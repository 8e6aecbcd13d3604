package io.shusuan.agent.engine.build;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.shusuan.agent.engine.bucket.Bucket;
import io.shusuan.agent.engine.bucket.BucketException;
import io.shusuan.agent.engine.bucket.BucketException.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bucket behind a cache of engines, which caches on many machines share: an engine is one object, by its key. Whatever is the matter
 * with it is told and counted here, and never keeps anybody from building.
 */
public final class EngineBucket {
    private static final Logger log = System.getLogger(EngineBucket.class.getName());

    /** So long after it failed it is not asked for engines: each question would wait for nothing. */
    private static final Duration REST = Duration.ofSeconds(30);

    /** What is known to be there is looked for again: somebody may have cleared it away. */
    private static final Duration KNOWN = Duration.ofHours(1);

    private final Bucket bucket;
    private final InstantSource clock;
    private final AtomicLong fetched = new AtomicLong();
    private final AtomicLong uploaded = new AtomicLong();
    private final AtomicLong damaged = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    @GuardedBy("this")
    private final Set<String> there = new HashSet<>();

    /** Those whose object turned out not to be good, until another took its place. */
    @GuardedBy("this")
    private final Set<String> refused = new HashSet<>();

    @GuardedBy("this")
    private Instant knownSince;

    @GuardedBy("this")
    private Optional<BucketException> problem = Optional.empty();

    @GuardedBy("this")
    private Instant failedAt = Instant.MIN;

    private volatile int waiting;

    public EngineBucket(Bucket bucket, InstantSource clock) {
        this.bucket = bucket;
        this.clock = clock;
        this.knownSince = clock.instant();
    }

    /**
     * How it goes.
     *
     * @param waiting engines of the folder that are not known to be there
     * @param problem why it cannot be used now
     */
    public record Figures(
            long fetched, long uploaded, long damaged, long failed, int waiting, Optional<Reason> problem) {}

    public synchronized Figures figures() {
        return new Figures(
                fetched.get(),
                uploaded.get(),
                damaged.get(),
                failed.get(),
                waiting,
                problem.map(BucketException::reason));
    }

    /**
     * Brings the engine of a key, or leaves a part of it where that fails.
     *
     * @return whether it is whole
     * @throws IOException where it cannot be written here
     */
    boolean fetch(EngineKey key, Path folder, long most) throws IOException {
        if (!isAsked(key)) {
            return false;
        }
        long begin = System.nanoTime();
        try {
            if (!bucket.fetch(name(key.id()), folder, most)) {
                works();
                return false;
            }
            requireSame(key, folder);
        } catch (BucketException failure) {
            failed(failure, key);
            return false;
        }
        works();
        fetched.incrementAndGet();
        log.log(
                Level.INFO,
                "the engine {0} was fetched in {1} ms",
                bucket.object(name(key.id())),
                Long.toString((System.nanoTime() - begin) / 1_000_000));
        synchronized (this) {
            there.add(key.id());
        }
        return true;
    }

    private synchronized boolean isAsked(EngineKey key) {
        return !refused.contains(key.id()) && clock.instant().isAfter(failedAt.plus(REST));
    }

    /** An object that somebody has put under another's name is whole, and wrong. */
    private void requireSame(EngineKey key, Path folder) throws BucketException, IOException {
        if (!EngineKey.in(folder).equals(Optional.of(new EngineKey(key.text().strip())))) {
            throw bucket.damaged(name(key.id()), "it is the engine of another key");
        }
    }

    /** Whether an engine of the folder is there, or could be put there now. */
    boolean keep(String id, Path entry, long bytes) throws IOException {
        try {
            if (!isThere(id)) {
                long begin = System.nanoTime();
                bucket.put(name(id), entry, bytes);
                uploaded.incrementAndGet();
                log.log(
                        Level.INFO,
                        "the engine {0} is there for others now: {1} MB in {2} ms",
                        bucket.object(name(id)),
                        Long.toString(bytes >> 20),
                        Long.toString((System.nanoTime() - begin) / 1_000_000));
            }
        } catch (BucketException failure) {
            failed(failure);
            return false;
        }
        works();
        synchronized (this) {
            there.add(id);
            refused.remove(id);
        }
        return true;
    }

    private boolean isThere(String id) throws BucketException {
        if (isKnown(id)) {
            return true;
        }
        synchronized (this) {
            if (refused.contains(id)) {
                return false;
            }
        }
        return bucket.has(name(id));
    }

    /** Whether it was there when it was asked last. */
    synchronized boolean isKnown(String id) {
        if (clock.instant().isAfter(knownSince.plus(KNOWN))) {
            there.clear();
            knownSince = clock.instant();
        }
        return there.contains(id);
    }

    /** How many of these engines are not known to be there. */
    int missing(List<Path> engines) {
        return (int) engines.stream()
                .filter(engine -> !isKnown(engine.getFileName().toString()))
                .count();
    }

    /** The engine that is there turned out not to work: the next one that is built takes its place. */
    synchronized void refuse(EngineKey key) {
        there.remove(key.id());
        refused.add(key.id());
    }

    void waiting(int engines) {
        waiting = engines;
    }

    private void failed(BucketException failure, EngineKey key) {
        if (failure.reason() == Reason.DAMAGED) {
            damaged.incrementAndGet();
            log.log(Level.WARNING, "{0}; the engine is built here and takes its place", failure.text());
            refuse(key);
        } else {
            failed(failure);
        }
    }

    /** Told when it begins, and when it becomes another problem. */
    private synchronized void failed(BucketException failure) {
        failed.incrementAndGet();
        failedAt = clock.instant();
        if (problem.isEmpty() || problem.get().reason() != failure.reason()) {
            log.log(
                    Level.WARNING,
                    "the bucket of engines cannot be used ({0}): {1}. Engines are built here, and put there when it can be",
                    failure.reason(),
                    failure.text());
        }
        problem = Optional.of(failure);
    }

    private synchronized void works() {
        if (problem.isPresent()) {
            problem = Optional.empty();
            failedAt = Instant.MIN;
            log.log(Level.INFO, "the bucket of engines {0} can be used again", bucket);
        }
    }

    private static String name(String id) {
        return id + ".zip";
    }

    void close() {
        bucket.close();
    }

    @Override
    public String toString() {
        return bucket.toString();
    }
}
