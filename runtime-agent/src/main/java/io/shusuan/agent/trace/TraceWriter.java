package io.shusuan.agent.trace;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue in front of a sink, and the thread between them, which starts with the first trace. When the sink is slower than the
 * requests, traces are dropped and counted.
 */
final class TraceWriter {
    private static final Logger log = System.getLogger(TraceWriter.class.getName());
    private static final int CAPACITY = 1024;
    private static final Duration LAST_WRITES = Duration.ofSeconds(5);
    private static final long LOOK_MILLIS = 100;

    private final Supplier<TraceSink> sink;
    private final BlockingQueue<Trace> ended = new ArrayBlockingQueue<>(CAPACITY);
    private final AtomicLong dropped = new AtomicLong();
    private volatile boolean closing;
    private volatile @Nullable Thread thread;
    private boolean failing;

    TraceWriter(Supplier<TraceSink> sink) {
        this.sink = sink;
    }

    /** Never waits. */
    void offer(Trace trace) {
        if (closing || !ended.offer(trace)) {
            dropped.incrementAndGet();
        } else if (thread == null) {
            start();
        }
    }

    long dropped() {
        return dropped.get();
    }

    private synchronized void start() {
        if (thread == null && !closing) {
            thread = Thread.ofPlatform().daemon().name("trace").start(this::run);
        }
    }

    private void run() {
        try (var out = sink.get()) {
            var batch = new ArrayList<Trace>();
            while (!closing || !ended.isEmpty()) {
                var first = ended.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    ended.drainTo(batch);
                    write(out, batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException failed) {
            log.log(Level.ERROR, "traces are no longer written", failed);
        }
    }

    private void write(TraceSink out, List<Trace> batch) {
        try {
            out.write(batch);
            failing = false;
        } catch (IOException | RuntimeException failed) {
            dropped.addAndGet(batch.size());
            if (!failing) {
                log.log(Level.WARNING, "traces cannot be written: {0}; trying on", failed.toString());
            }
            failing = true;
        }
    }

    /** Writes what has ended and lets go of the sink. */
    void close() throws InterruptedException {
        Thread writing;
        synchronized (this) {
            closing = true;
            writing = thread;
        }
        if (writing != null && !writing.join(LAST_WRITES)) {
            writing.interrupt();
        }
    }
}
