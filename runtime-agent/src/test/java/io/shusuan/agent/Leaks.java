package io.shusuan.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Hears what Netty's leak detector says of buffers that were collected before they were released. */
final class Leaks extends Handler {
    private static final Logger DETECTOR = Logger.getLogger("io.netty.util.ResourceLeakDetector");

    private final List<String> found = new CopyOnWriteArrayList<>();

    static Leaks watch() {
        var leaks = new Leaks();
        DETECTOR.addHandler(leaks);
        return leaks;
    }

    void assertNone() {
        collect();
        DETECTOR.removeHandler(this);
        assertThat(found).as("buffers that were never released").isEmpty();
    }

    /** Whether the detector has spoken by now. */
    boolean heard() {
        collect();
        return !found.isEmpty();
    }

    /** Collects garbage and touches the allocator, which is when the detector speaks. */
    private static void collect() {
        for (int i = 0; i < 3; i++) {
            System.gc();
            ByteBufAllocator.DEFAULT.directBuffer(64).release();
            ByteBufAllocator.DEFAULT.heapBuffer(64).release();
        }
    }

    @Override
    public void publish(LogRecord message) {
        if (message.getMessage().contains("LEAK")) {
            found.add(message.getMessage());
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
