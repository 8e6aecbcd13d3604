package io.shusuan.agent.engine.build;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Folders;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Brings what is in the folder to the bucket behind it, from time to time: whoever has built it, and whatever kept it from going there
 * before. The folder is what there is to do, so nothing is forgotten over a restart.
 */
public final class EngineUploads implements AutoCloseable {
    private static final Logger log = System.getLogger(EngineUploads.class.getName());
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(15);
    private static final int MOST_DOUBLINGS = 4;

    private final EngineCache cache;
    private final EngineBucket bucket;
    private final Duration interval;
    /** A virtual thread, because interrupting one ends what it waits for in a connection. */
    private final Thread thread = Thread.ofVirtual().name("engine-uploads").unstarted(this::run);

    /** Empty where there is no bucket behind the folder. */
    public static Optional<EngineUploads> of(EngineCache cache) {
        return cache.bucket().map(bucket -> new EngineUploads(cache, bucket, USUAL_INTERVAL));
    }

    EngineUploads(EngineCache cache, EngineBucket bucket, Duration interval) {
        this.cache = cache;
        this.bucket = bucket;
        this.interval = interval;
    }

    public void begin() {
        log.log(Level.INFO, "engines are shared by {0}", bucket);
        thread.start();
    }

    private void run() {
        int failures = 0;
        try {
            while (!Thread.interrupted()) {
                failures = look() ? 0 : Math.min(MOST_DOUBLINGS, failures + 1);
                Thread.sleep(interval.multipliedBy(1L << failures));
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether all that is in the folder is in the bucket now. The first failure ends the look: the others would wait for the same. */
    boolean look() {
        try {
            var left = cache.engines();
            bucket.waiting(bucket.missing(left));
            for (var entry : left) {
                if (!keep(entry)) {
                    return false;
                }
                bucket.waiting(bucket.missing(left));
            }
            return true;
        } catch (IOException | EngineException unreadable) {
            log.log(Level.WARNING, "the engines to put into {0} cannot be read: {1}", bucket, unreadable.toString());
            return false;
        }
    }

    /** What is damaged here, or has gone to make room, is not kept anywhere. */
    private boolean keep(Path entry) throws IOException, EngineException {
        var id = entry.getFileName().toString();
        if (bucket.isKnown(id)) {
            return true;
        }
        var key = EngineKey.in(entry);
        if (key.isEmpty()
                || !key.get().id().equals(id)
                || cache.whole(key.get()).isEmpty()) {
            return true;
        }
        try {
            return bucket.keep(id, entry, Folders.size(entry));
        } catch (IOException failed) {
            if (Files.isDirectory(entry)) {
                throw failed;
            }
            return true;
        }
    }

    /** What is under way is given up, and begun anew by whoever has the folder next. */
    @Override
    public void close() {
        thread.interrupt();
        bucket.close();
    }
}
