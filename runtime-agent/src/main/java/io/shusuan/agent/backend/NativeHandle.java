package io.shusuan.agent.backend;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * The one owner of a native object. It counts who uses the object; the last one out destroys it, after {@link #close()}. Closing twice is
 * closing once, and it never waits. A handle that is lost unclosed is reported and stays in memory: its address may still be in use.
 */
public final class NativeHandle implements AutoCloseable {
    private static final Logger log = System.getLogger(NativeHandle.class.getName());
    private static final Cleaner alarm = Cleaner.create();

    private final String what;
    private final long address;
    private final LongConsumer destroyer;
    private final AtomicBoolean closed = new AtomicBoolean();
    /** The owner is the first user. */
    private int users = 1;

    private NativeHandle(String what, long address, LongConsumer destroyer) {
        this.what = what;
        this.address = address;
        this.destroyer = destroyer;
    }

    /** Takes an object over. */
    public static NativeHandle adopt(String what, long address, LongConsumer destroyer) {
        var handle = new NativeHandle(what, address, destroyer);
        var closed = handle.closed;
        alarm.register(handle, () -> {
            if (!closed.get()) {
                log.log(Level.ERROR, "{0} was never closed and stays in memory", what);
            }
        });
        return handle;
    }

    /** The address, for the owner, until it closes the handle. */
    public long address() {
        if (closed.get()) {
            throw new IllegalStateException(what + " is closed");
        }
        return address;
    }

    /** Lets somebody else use the object; it lives until the use is closed. */
    public synchronized Use use() {
        if (closed.get()) {
            throw new IllegalStateException(what + " is closed");
        }
        users++;
        return new Use();
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            leave();
        }
    }

    private void leave() {
        boolean last;
        synchronized (this) {
            last = --users == 0;
        }
        if (last) {
            destroyer.accept(address);
        }
    }

    /** One user's share. */
    public final class Use implements AutoCloseable {
        private final AtomicBoolean left = new AtomicBoolean();

        public long address() {
            if (left.get()) {
                throw new IllegalStateException("the use of " + what + " has ended");
            }
            return address;
        }

        @Override
        public void close() {
            if (!left.getAndSet(true)) {
                leave();
            }
        }
    }
}
