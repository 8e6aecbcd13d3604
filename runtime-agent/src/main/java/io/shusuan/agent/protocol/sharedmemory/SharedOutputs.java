package io.shusuan.agent.protocol.sharedmemory;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.CopiedBytes;
import io.shusuan.agent.inference.DeviceBuffer;
import io.shusuan.agent.inference.InferenceRequest;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Tensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places in shared memory where a request wants its outputs, held open from the request on until it is answered. An instance that
 * can writes there itself; what it leaves elsewhere is copied. Closing twice does nothing: an answer may fail while it is being made.
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

    /**
     * Lets the model write its outputs where they are wanted, but not over what it reads. The request gets references of its own, since
     * a run may last longer than somebody waits for it.
     */
    public void lendTo(InferenceRequest request) {
        var lent = new HashMap<String, ByteBuf>();
        targets.forEach((output, target) -> {
            boolean free = request.inputs().stream().noneMatch(input -> overlap(target, input.data()));
            if (free && (target instanceof RegionBuffer || target instanceof DeviceBuffer)) {
                lent.put(output, target.retain());
            }
        });
        request.wantsOutputsIn(lent);
    }

    private static boolean overlap(ByteBuf place, ByteBuf input) {
        return place instanceof RegionBuffer system
                ? system.overlaps(input)
                : place instanceof DeviceBuffer device && input instanceof DeviceBuffer other && device.overlaps(other);
    }

    /** Where an output is wanted; null when it is wanted in the answer. */
    public @Nullable SharedPlace place(String output) {
        return places.get(output);
    }

    /** Puts an output where it is wanted; false when that is the answer itself. */
    @SuppressWarnings("ReferenceEquality") // equal bytes elsewhere still have to be copied
    public boolean take(Tensor output) {
        var target = targets.get(output.name());
        if (target == null) {
            return false;
        }
        var data = output.data();
        if (data.unwrap() == target) {
            return true;
        }
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
