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

    StandInPlan plan() {
        return plan;
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

    void run() {
        try {
            if (session == null) {
                session = Session.open(plan.model(), StandInPlan.settings(plan.model()));
            }
            var inputs = new HashMap<String, Value>();
            for (var input : session.inputs()) {
                var copy = ByteBuffer.allocateDirect((int) memory(input.name()).byteSize()).order(ByteOrder.nativeOrder());
                MemorySegment.ofBuffer(copy).copyFrom(memory(input.name()));
                inputs.put(input.name(), new Value(input.type(), shape(input.name()).toArray(), copy));
            }
            session.run(inputs).forEach((output, value) -> memory(output).copyFrom(MemorySegment.ofBuffer(value.data())));
        } catch (EngineException failed) {
            throw NativeException.tensorRt("IExecutionContext::enqueueV3", failed.text());
        }
    }

    private MemorySegment memory(String tensor) {
        return JniCalls.at(addresses.get(tensor), Tensor.byteSize(tensor(tensor).type().orElseThrow(), shape(tensor)));
    }

    void close() {
        if (session != null) {
            session.close();
        }
    }
}
