package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** An execution context of the test's engine: it computes on the "device" memory it was given, which is the host's. */
@SuppressWarnings("restricted") // addresses are what the interface speaks of
final class HostContext {
    private final HostPlan plan;
    private final Map<String, Shape> shapes = new HashMap<>();
    private final Map<String, Long> addresses = new HashMap<>();
    private final Map<String, NativeCalls.LateOutput> late = new HashMap<>();
    private final List<String> faults;
    private int profile = -1;
    private long memory;
    /** Whether it ran since its shapes were changed. */
    private boolean flushed;

    private boolean captured;

    HostContext(HostPlan plan, List<String> faults) {
        this.plan = plan;
        this.faults = faults;
    }

    /** What it would compute now, whatever it is told later. */
    Runnable snapshot() {
        var same = new HostContext(plan, faults);
        var read = sizes();
        same.shapes.putAll(shapes);
        same.addresses.putAll(addresses);
        same.profile = profile;
        return () -> {
            if (!same.sizes().equals(read)) {
                faults.add("the values of a shape tensor changed under a run");
            }
            same.compute();
        };
    }

    /** The values of shape tensors among the inputs. */
    private Map<String, Shape> sizes() {
        var values = new HashMap<String, Shape>();
        plan.inputs().stream().filter(Binding::host).forEach(input -> values.put(input.name(), values(input.name())));
        return values;
    }

    private Shape values(String name) {
        var tensor = plan.named(name).orElseThrow();
        var type = tensor.type().orElseThrow();
        long[] values = new long[(int) tensor.shape().elementCount()];
        var bytes = at(Objects.requireNonNull(addresses.get(name)), (long) values.length * type.size());
        for (int i = 0; i < values.length; i++) {
            values[i] = type == DataType.INT32
                    ? bytes.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i)
                    : bytes.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, i);
        }
        return Shape.of(values);
    }

    /** What TensorRT says when a run cannot be made of the values; empty when it can. */
    String objection() {
        for (var input : plan.inputs()) {
            if (input.host() && !input.profiles().get(profile).takes(values(input.name()))) {
                return "the values " + values(input.name()) + " of " + input.name() + " are outside of the profile";
            }
        }
        if (isExpand()
                && values(plan.inputs().get(1).name()).dim(0)
                        != Objects.requireNonNull(
                                        shapes.get(plan.inputs().get(0).name()))
                                .dim(0)) {
            return "broadcast dimensions must be conformable";
        }
        return "";
    }

    private boolean isExpand() {
        return plan.operation().equals("expand");
    }

    void setMemory(long device, long bytes) {
        if (bytes < plan.activations()) {
            faults.add("a context with less memory than it needs");
        }
        memory = device;
    }

    long memory() {
        return memory;
    }

    Collection<Long> addresses() {
        return addresses.values();
    }

    boolean isFlushed() {
        return flushed;
    }

    void flushed() {
        flushed = true;
    }

    void captured() {
        captured = true;
    }

    private void changes() {
        flushed = false;
        if (captured) {
            faults.add("the context of a graph was told something else");
        }
    }

    void choose(int wanted) {
        changes();
        profile = wanted;
        shapes.clear();
    }

    int profile() {
        return profile;
    }

    boolean setShape(String input, Shape shape) {
        changes();
        boolean taken = profile >= 0
                && plan.named(input).orElseThrow().profiles().get(profile).takes(shape);
        if (taken) {
            shapes.put(input, shape);
        }
        return taken;
    }

    /** As TensorRT: what follows from the inputs' shapes, and −1 where the data decide. */
    Shape shape(String tensor) {
        var output = plan.named(tensor).orElseThrow();
        if (isExpand() && !output.input()) {
            return output.host() ? output.shape() : values(plan.inputs().get(1).name());
        }
        return isLate() && !output.input() ? output.shape() : Objects.requireNonNull(shapes.get(sourceOf(output)));
    }

    private String sourceOf(Binding output) {
        int index = plan.operation().equals("identity") ? plan.outputs().indexOf(output) : 0;
        return output.input() ? output.name() : plan.inputs().get(index).name();
    }

    boolean isHost(String tensor) {
        return plan.named(tensor).orElseThrow().host();
    }

    void setAddress(String tensor, long address) {
        if (captured) {
            changes();
        }
        addresses.put(tensor, address);
    }

    /** What it takes at most, in bytes. */
    long largest(String output) {
        var binding = plan.named(output).orElseThrow();
        var shape = isLate() ? Objects.requireNonNull(shapes.get(sourceOf(binding))) : shape(output);
        return Tensor.byteSize(binding.type().orElse(DataType.UINT8), shape);
    }

    void allocateLater(String output, NativeCalls.LateOutput memory) {
        late.put(output, memory);
    }

    boolean isLate() {
        return plan.operation().equals("nonzero");
    }

    /** Whether every tensor has memory, or a way to get it. */
    boolean isComplete() {
        return memory != 0
                && plan.tensors().stream()
                        .allMatch(tensor -> addresses.containsKey(tensor.name()) || late.containsKey(tensor.name()));
    }

    boolean compute() {
        return switch (plan.operation()) {
            case "identity" -> identity();
            case "add" -> add();
            case "nonzero" -> nonZero();
            case "expand" -> expand();
            default -> throw new IllegalStateException("the test engine cannot " + plan.operation());
        };
    }

    private boolean identity() {
        for (var output : plan.outputs()) {
            memory(output.name(), output).copyFrom(memory(sourceOf(output), output));
        }
        return true;
    }

    private boolean add() {
        var sum = plan.outputs().getFirst();
        var a = memory(plan.inputs().get(0).name(), sum);
        var b = memory(plan.inputs().get(1).name(), sum);
        var to = memory(sum.name(), sum);
        for (long at = 0; at < to.byteSize(); at += Float.BYTES) {
            to.set(ValueLayout.JAVA_FLOAT, at, a.get(ValueLayout.JAVA_FLOAT, at) + b.get(ValueLayout.JAVA_FLOAT, at));
        }
        return true;
    }

    /** Each row's only number as often as the sizes say, and the sizes themselves where they are asked for. */
    private boolean expand() {
        var sizes = values(plan.inputs().get(1).name());
        var from = at(Objects.requireNonNull(addresses.get(plan.inputs().get(0).name())), sizes.dim(0) * Float.BYTES);
        var to = at(
                Objects.requireNonNull(addresses.get(plan.outputs().get(0).name())),
                sizes.elementCount() * Float.BYTES);
        for (long i = 0; i < sizes.elementCount(); i++) {
            to.setAtIndex(ValueLayout.JAVA_FLOAT, i, from.getAtIndex(ValueLayout.JAVA_FLOAT, i / sizes.dim(1)));
        }
        plan.outputs().stream().filter(Binding::host).forEach(told -> {
            var type = told.type().orElseThrow();
            long bytes = (long) sizes.rank() * type.size();
            at(Objects.requireNonNull(addresses.get(told.name())), bytes)
                    .copyFrom(at(
                            Objects.requireNonNull(
                                    addresses.get(plan.inputs().get(1).name())),
                            bytes));
        });
        return true;
    }

    /** The positions of what is not zero: nobody knows how many before it ran. */
    private boolean nonZero() {
        var input = plan.inputs().getFirst();
        var from = memory(input.name(), input);
        long[] found = new long[(int) (from.byteSize() / Long.BYTES)];
        int count = 0;
        for (int i = 0; i < found.length; i++) {
            if (from.getAtIndex(ValueLayout.JAVA_LONG, i) != 0) {
                found[count++] = i;
            }
        }
        var output = Objects.requireNonNull(late.get(plan.outputs().getFirst().name()));
        long address = output.allocate((long) count * Long.BYTES);
        if (address == 0) {
            return false;
        }
        MemorySegment.copy(found, 0, at(address, (long) count * Long.BYTES), ValueLayout.JAVA_LONG, 0, count);
        output.shapeIs(Shape.of(count));
        return true;
    }

    private MemorySegment memory(String tensor, Binding like) {
        return at(
                Objects.requireNonNull(addresses.get(tensor)),
                Tensor.byteSize(like.type().orElse(DataType.UINT8), shape(sourceOf(like))));
    }

    static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }
}
