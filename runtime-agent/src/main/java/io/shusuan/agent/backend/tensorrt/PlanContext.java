package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.Shape;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An execution context with one profile, for good. It knows what TensorRT has been told already. */
final class PlanContext implements AutoCloseable {
    private final NativeCalls calls;
    private final NativeHandle context;
    private final Map<String, Shape> shapes = new HashMap<>();
    private final Map<String, Long> addresses = new HashMap<>();
    private final Map<String, Relay> relays = new HashMap<>();

    private PlanContext(NativeCalls calls, NativeHandle context) {
        this.calls = calls;
        this.context = context;
    }

    /** @param stream where the profile is chosen, and where the context runs */
    static PlanContext make(NativeCalls calls, long engine, int profile, Activations memory, long stream) {
        var context = NativeHandle.adopt("an execution context", calls.createContext(engine), calls::destroyContext);
        boolean made = false;
        try {
            calls.setContextMemory(context.address(), memory.address(), memory.bytes());
            calls.chooseProfile(context.address(), profile, stream);
            made = true;
            return new PlanContext(calls, context);
        } finally {
            if (!made) {
                context.close();
            }
        }
    }

    void input(String name, Shape shape, long address) {
        var told = shapes.get(name);
        if (told == null || !shape.equals(told)) {
            shapes.remove(name);
            calls.setInputShape(context.address(), name, shape);
            shapes.put(name, shape);
        }
        address(name, address);
    }

    /** A shape tensor: its own shape is the engine's. */
    void sizes(String name, long address) {
        address(name, address);
    }

    void output(String name, long address) {
        address(name, address);
    }

    private void address(String name, long address) {
        if (!Long.valueOf(address).equals(addresses.get(name))) {
            addresses.remove(name);
            calls.setAddress(context.address(), name, address);
            addresses.put(name, address);
        }
    }

    /** The shape of an output; its inputs have theirs. */
    Shape shape(String output) {
        return calls.shape(context.address(), output);
    }

    /** Has the memory of an output asked for during the next run. */
    void later(String output, NativeCalls.LateOutput memory) {
        var relay = relays.get(output);
        if (relay == null) {
            relay = new Relay();
            calls.allocateLater(context.address(), output, relay);
            relays.put(output, relay);
        }
        relay.current = memory;
    }

    /** TensorRT knows one place that gives memory for an output, and each run has another. */
    private static final class Relay implements NativeCalls.LateOutput {
        private NativeCalls.@Nullable LateOutput current;

        @Override
        public long allocate(long bytes) {
            return Objects.requireNonNull(current).allocate(bytes);
        }

        @Override
        public void shapeIs(Shape shape) {
            Objects.requireNonNull(current).shapeIs(shape);
        }
    }

    void enqueue(long stream) {
        calls.enqueue(context.address(), stream);
    }

    @Override
    public void close() {
        context.close();
    }
}
