package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places in shared memory where a request wants its outputs, held open from the request on until it is answered. Closing twice
 * does nothing: an answer may fail while it is being made.
 */
public final class SharedOutputs implements AutoCloseable {
    private final Map<String, SharedPlace> places;
    private final Map<String, ByteBuf> targets = new HashMap<>();
    private boolean closed;

    /** @param places by the name of the output */
    public SharedOutputs(SharedMemory memory, Map<String, SharedPlace> places) {
        this.places = Map.copyOf(places);
        boolean done = false;
        try {
            places.forEach((output, place) -> targets.put(output, memory.open(place)));
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** Where an output is wanted; null when it is wanted in the answer. */
    public @Nullable SharedPlace place(String output) {
        return places.get(output);
    }

    /** Puts an output where it is wanted; false when that is the answer itself. */
    public boolean take(Tensor output) {
        var target = targets.get(output.name());
        if (target == null) {
            return false;
        }
        var data = output.data();
        if (data.readableBytes() > target.capacity()) {
            throw ServingException.invalid("shared memory size specified with the request for output '" + output.name()
                    + "' (" + target.capacity() + " bytes) should be at least " + data.readableBytes()
                    + " bytes to hold the results");
        }
        target.setBytes(0, data, data.readerIndex(), data.readableBytes());
        CopiedBytes.add(data.readableBytes());
        return true;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            targets.values().forEach(ByteBuf::release);
        }
    }
}
