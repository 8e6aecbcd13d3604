package io.shusuan.agent.inference;

import java.util.concurrent.atomic.LongAdder;

/**
 * How many bytes of tensors this process has copied from one of its buffers to another. Between a socket and an engine there is at most one
 * copy, of a large tensor only of its beginning, and between shared memory and an engine none, either way; whatever copies counts here, so that a test can
 * hold that and a dashboard show it.
 */
public final class CopiedBytes {
    private static final LongAdder total = new LongAdder();

    private CopiedBytes() {}

    public static void add(long bytes) {
        total.add(bytes);
    }

    public static long total() {
        return total.sum();
    }
}
