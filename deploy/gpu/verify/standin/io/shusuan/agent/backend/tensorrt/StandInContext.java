package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.Value;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** An execution context of the stand-in: a session of its own, on one thread. */
final class StandInContext {
    private final StandInPlan plan;
    private final Map<String, Shape> shapes = new HashMap<>();
    private final Map<String, Long> addresses = new HashMap<>();
    private Session session;
    private int profile = -1;

    StandInContext(StandInPlan plan) {
        this.plan = plan;
    }

    void choose(int wanted) {
        profile = wanted;
        shapes.clear();
    }

    void setShape(String input, Shape shape) {
        if (profile < 0 || !tensor(input).profiles().get(profile).takes(shape)) {
            throw NativeException.tensorRt("IExecutionContext::setInputShape of '" + input + "'", "profile " + profile + " does not take " + shape);
        }
        shapes.put(input, shape);
    }

    Shape shape(String tensor) {
        return shape(tensor, shapes);
    }

    private Shape shape(String tensor, Map<String, Shape> shapes) {
        var known = shapes.get(tensor);
        long batch = shapes.values().stream().mapToLong(shape -> shape.dim(0)).max().orElse(1);
        return known == null ? StandInPlan.withBatch(tensor(tensor).shape(), batch) : known;
    }

    private Binding tensor(String name) {
        return plan.tensors().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    }

    void setAddress(String tensor, long address) {
        addresses.put(tensor, address);
    }

    /** A run with what the context was told so far, whatever it is told later. */
    Runnable asTold() {
        var shapesNow = Map.copyOf(shapes);
        var addressesNow = Map.copyOf(addresses);
        return () -> run(shapesNow, addressesNow);
    }

    long bytes(String tensor) {
        return bytes(tensor, shape(tensor));
    }

    private long bytes(String tensor, Shape shape) {
        return Tensor.byteSize(tensor(tensor).type().orElseThrow(), shape);
    }

    private void run(Map<String, Shape> shapes, Map<String, Long> addresses) {
        try {
            if (session == null) {
                session = Session.open(plan.model(), StandInPlan.settings(plan.model()));
            }
            var inputs = new HashMap<String, Value>();
            for (var input : session.inputs()) {
                var from = memory(input.name(), shapes, addresses);
                var copy = ByteBuffer.allocateDirect((int) from.byteSize()).order(ByteOrder.nativeOrder());
                MemorySegment.ofBuffer(copy).copyFrom(from);
                inputs.put(input.name(), new Value(input.type(), shape(input.name(), shapes).toArray(), copy));
            }
            session.run(inputs).forEach((output, value) -> memory(output, shapes, addresses).copyFrom(MemorySegment.ofBuffer(value.data())));
        } catch (EngineException failed) {
            throw NativeException.tensorRt("IExecutionContext::enqueueV3", failed.text());
        }
    }

    private MemorySegment memory(String tensor, Map<String, Shape> shapes, Map<String, Long> addresses) {
        return JniCalls.at(addresses.get(tensor), bytes(tensor, shape(tensor, shapes)));
    }

    void close() {
        if (session != null) {
            session.close();
        }
    }
}
