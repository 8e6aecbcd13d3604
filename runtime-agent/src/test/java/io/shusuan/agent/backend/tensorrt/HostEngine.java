package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.BuildSettings;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** CUDA and TensorRT as the tests need them: it computes on the host, and nothing before it is waited for. */
final class HostEngine extends HostCuda implements NativeCalls {
    private final Set<String> plugins = new HashSet<>();
    private final List<Versions.Gpu> gpus;
    private final List<Integer> chosenProfiles = new CopyOnWriteArrayList<>();
    private final CountDownLatch held = new CountDownLatch(1);
    private @Nullable CountDownLatch gate;
    private Runnable whenBuilding = () -> {};
    private volatile boolean wrong;
    private int builds;

    HostEngine() {
        this(1);
    }

    HostEngine(int count) {
        var all = new ArrayList<Versions.Gpu>();
        for (int i = 0; i < count; i++) {
            all.add(new Versions.Gpu(i, 9, 0));
        }
        gpus = List.copyOf(all);
    }

    private static final class Engine {
        private final HostPlan plan;
        private final int gpu;
        /** Of the weights that may be streamed, those that are on the device while there is a context. */
        private long kept;

        Engine(HostPlan plan, int gpu) {
            this.plan = plan;
            this.gpu = gpu;
            this.kept = plan.streamable();
        }

        HostPlan plan() {
            return plan;
        }

        int gpu() {
            return gpu;
        }
    }

    private record Context(HostContext run, long engine) {}

    // --- what a test asks and tells ---

    /** Runs stay in the engine until the gate is opened. */
    synchronized CountDownLatch hold() {
        var closed = new CountDownLatch(1);
        gate = closed;
        return closed;
    }

    void awaitHeld() throws InterruptedException {
        held.await();
    }

    List<Integer> chosenProfiles() {
        return chosenProfiles;
    }

    /** Builds run this first, on their own thread. */
    HostEngine whenBuilding(Runnable first) {
        whenBuilding = first;
        return this;
    }

    /** Engines that are built from now on compute something else. */
    HostEngine buildingWrongly() {
        wrong = true;
        return this;
    }

    synchronized int builds() {
        return builds;
    }

    // --- what the backend calls ---

    @Override
    public Versions versions() {
        return new Versions("11.2.1", "13.3", "580.65.06", gpus);
    }

    @Override
    public BuilderCalls builder() {
        return this::build;
    }

    private BuilderCalls.Built build(Path onnx, BuildSettings settings, MemorySegment timings) {
        whenBuilding.run();
        synchronized (this) {
            called("IBuilder::buildSerializedNetwork");
            builds++;
            var architecture = gpus.get(gpuInUse()).architecture();
            var plan = bytes(HostBuilder.plan(onnx, settings, architecture, wrong));
            var learnt = bytes(text(timings) + "built " + settings.profiles() + "\n");
            long handle = keep("built plan", plan);
            return new BuilderCalls.Built(plan, learnt, () -> release(handle));
        }
    }

    private synchronized void release(long handle) {
        free(handle, "built plan");
    }

    private static MemorySegment bytes(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(MemorySegment bytes) {
        return new String(bytes.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** A library of the host engine is a file whose only line names its plugin. */
    @Override
    public synchronized void loadPlugins(Path library) {
        var text = HostPlan.read(library);
        if (!text.startsWith("plugin ")) {
            throw NativeException.tensorRt("dlopen", library + ": invalid ELF header");
        }
        if (!plugins.add(text.substring("plugin ".length()).strip())) {
            faults.add("a library of plugins loaded twice");
        }
    }

    @Override
    public synchronized long deserialize(MemorySegment plan, boolean hostCode) {
        called("IRuntime::deserializeCudaEngine");
        var read = HostPlan.parse(text(plan), plugins);
        long resident = read.weights() - read.streamable();
        if (!isFree(resident)) {
            throw NativeException.tensorRt(
                    "IRuntime::deserializeCudaEngine", "Requested amount of GPU memory: out of memory");
        }
        return keep("engine", new Engine(read, gpuInUse()), resident);
    }

    @Override
    public synchronized void destroyEngine(long engine) {
        if (hasContexts(engine)) {
            faults.add("an engine freed before its contexts");
        }
        free(engine, "engine");
    }

    @Override
    public synchronized long weightBytes(long engine) {
        return find(engine, Engine.class).plan().weights();
    }

    @Override
    public synchronized long streamableBytes(long engine) {
        return find(engine, Engine.class).plan().streamable();
    }

    @Override
    public synchronized long automaticWeightBudget(long engine) {
        return Math.min(find(engine, Engine.class).plan().streamable(), memory().free());
    }

    @Override
    public synchronized void setWeightBudget(long engine, long bytes) {
        called("ICudaEngine::setWeightStreamingBudgetV2");
        if (hasContexts(engine) || bytes < 0) {
            throw NativeException.tensorRt(
                    "ICudaEngine::setWeightStreamingBudgetV2", "the engine has contexts, or the budget is negative");
        }
        find(engine, Engine.class).kept = bytes;
    }

    /** What the weights that stay on the device take there. */
    synchronized List<Long> weightBudgets() {
        return all(Engine.class).map(engine -> engine.kept).toList();
    }

    private boolean hasContexts(long engine) {
        return all(Context.class).anyMatch(context -> context.engine() == engine);
    }

    @Override
    public synchronized long contextBytes(long engine) {
        return find(engine, Engine.class).plan().activations();
    }

    @Override
    public synchronized List<Binding> bindings(long engine) {
        return find(engine, Engine.class).plan().tensors();
    }

    @Override
    public synchronized long createContext(long engine) {
        called("ICudaEngine::createExecutionContext");
        var made = find(engine, Engine.class);
        if (gpuInUse() != made.gpu()) {
            faults.add("a context on another GPU than its engine");
        }
        if (!hasContexts(engine)) {
            if (!isFree(made.kept)) {
                throw NativeException.tensorRt("ICudaEngine::createExecutionContext", "weights: out of memory");
            }
            occupy(made.gpu(), made.kept);
        }
        return keep("context", new Context(new HostContext(made.plan(), faults), engine));
    }

    @Override
    public synchronized void setContextMemory(long context, long device, long bytes) {
        check(device, bytes, "device memory");
        find(context, Context.class).run().setMemory(device, bytes);
    }

    @Override
    public synchronized void destroyContext(long context) {
        long engine = find(context, Context.class).engine();
        free(context, "context");
        if (!hasContexts(engine)) {
            var made = find(engine, Engine.class);
            occupy(made.gpu(), -made.kept);
        }
    }

    @Override
    public synchronized void chooseProfile(long context, int profile, long stream) {
        called("IExecutionContext::setOptimizationProfileAsync");
        run(context).choose(profile);
        chosenProfiles.add(profile);
    }

    @Override
    public synchronized void setInputShape(long context, String input, Shape shape) {
        called("IExecutionContext::setInputShape");
        if (!run(context).setShape(input, shape)) {
            throw NativeException.tensorRt("IExecutionContext::setInputShape", "the profile does not take " + shape);
        }
    }

    @Override
    public synchronized Shape shape(long context, String tensor) {
        return run(context).shape(tensor);
    }

    @Override
    public synchronized long largestOutput(long context, String output) {
        return run(context).largest(output);
    }

    @Override
    public synchronized void setAddress(long context, String tensor, long address) {
        check(address, 0, run(context).isHost(tensor) ? "pinned memory" : "device memory");
        run(context).setAddress(tensor, address);
    }

    @Override
    public synchronized void allocateLater(long context, String output, LateOutput memory) {
        run(context).allocateLater(output, memory);
    }

    @Override
    public void enqueue(long context, long stream) {
        awaitGate();
        synchronized (this) {
            called("IExecutionContext::enqueueV3");
            ordered("enqueue");
            var run = run(context);
            if (!run.isComplete()) {
                throw NativeException.tensorRt("IExecutionContext::enqueueV3", "a tensor has no memory");
            }
            var objection = run.objection();
            if (!objection.isEmpty()) {
                throw NativeException.tensorRt("IExecutionContext::enqueueV3", objection);
            }
            if (streams.usesElsewhere(run.memory(), stream)) {
                faults.add("contexts that share memory run on two streams at once");
            }
            if (streams.captures(stream) && !run.isFlushed()) {
                faults.add("captured before TensorRT had done what it puts off until the first run");
            }
            if (!run.isLate()) {
                var uses = new HashSet<>(run.addresses());
                uses.add(context);
                uses.add(run.memory());
                if (streams.captures(stream)) {
                    run.captured();
                }
                streams.add(stream, new HostStreams.Work(run.snapshot(), false, uses));
                run.flushed();
                return;
            }
            streams.drain(stream);
            if (!run.compute()) {
                throw NativeException.tensorRt("IExecutionContext::enqueueV3", "an output got no memory");
            }
        }
    }

    private HostContext run(long context) {
        return find(context, Context.class).run();
    }

    private void awaitGate() {
        CountDownLatch closed;
        synchronized (this) {
            closed = gate;
        }
        if (closed != null) {
            held.countDown();
            try {
                closed.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
