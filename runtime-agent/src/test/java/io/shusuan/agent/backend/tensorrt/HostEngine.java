package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.engine.build.BuildSettings;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * CUDA and TensorRT as the tests need them: it computes on the host, does nothing before it is waited for, counts every handle, notices
 * what would be a crash on a GPU, and fails when it is told to.
 */
final class HostEngine implements NativeCalls {
    private final List<Versions.Gpu> gpus;
    private final Map<Long, Live> live = new TreeMap<>();
    private final Map<String, NativeException> failures = new HashMap<>();
    private final Map<Integer, NativeException> sticky = new HashMap<>();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final Map<Thread, Integer> gpuInUse = new HashMap<>();
    private final List<Integer> chosenProfiles = new CopyOnWriteArrayList<>();
    private final CountDownLatch held = new CountDownLatch(1);
    private @Nullable CountDownLatch gate;
    private long next = 1;
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

    /** One thing that must be freed. */
    private record Live(
            String kind, Object object, @Nullable Arena memory, long bytes) {}

    private record Engine(HostPlan plan, int gpu) {}

    private record Context(HostContext run, long engine) {}

    private record Stream(Deque<Runnable> work) {}

    // --- what a test asks and tells ---

    /** The next such call fails once. */
    synchronized void fail(String call, int code, String name) {
        failures.put(call, NativeException.cuda(call, code, name, "as the test wanted"));
    }

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

    synchronized Map<String, Integer> handles() {
        var count = new TreeMap<String, Integer>();
        live.values().forEach(each -> count.merge(each.kind(), 1, Integer::sum));
        return count;
    }

    void assertNothingLeft() {
        assertThat(faults).as("what would have been a crash").isEmpty();
        assertThat(handles()).as("what was never freed").isEmpty();
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

    private void called(String call) {
        var gpu = gpuInUse.get(Thread.currentThread());
        if (gpu == null) {
            faults.add(call + " on a thread that named no GPU");
            gpu = 0;
        }
        var dead = sticky.get(gpu);
        if (dead != null) {
            throw NativeException.cuda(call, 700, "cudaErrorIllegalAddress", "the context is corrupted");
        }
        var failure = failures.remove(call);
        if (failure != null) {
            if (failure.isSticky()) {
                sticky.put(gpu, failure);
            }
            throw failure;
        }
    }

    private long keep(String kind, Object object) {
        long handle = next++;
        live.put(handle, new Live(kind, object, null, 0));
        return handle;
    }

    private <T> T find(long handle, Class<T> type) {
        var found = live.get(handle);
        if (found == null) {
            faults.add("use of a freed " + type.getSimpleName());
            throw new IllegalStateException("use of a freed " + type.getSimpleName());
        }
        return type.cast(found.object());
    }

    private void free(long handle, String kind) {
        var found = live.remove(handle);
        if (found == null || !found.kind().equals(kind)) {
            faults.add(kind + " freed twice or never made");
            return;
        }
        if (live.values().stream()
                .anyMatch(each ->
                        each.object() instanceof Stream stream && !stream.work().isEmpty())) {
            faults.add(kind + " freed while work was under way");
        }
        if (found.object() instanceof Engine
                && live.values().stream()
                        .anyMatch(each -> each.object() instanceof Context context && context.engine() == handle)) {
            faults.add("an engine freed before its contexts");
        }
        if (found.memory() != null) {
            found.memory().close();
        }
    }

    @Override
    public Versions versions() {
        return new Versions("11.2.1", "13.3", "580.65.06", gpus);
    }

    @Override
    public synchronized void useGpu(int gpu) {
        gpuInUse.put(Thread.currentThread(), gpu);
    }

    @Override
    public synchronized long createStream() {
        called("cudaStreamCreateWithFlags");
        return keep("stream", new Stream(new ArrayDeque<>()));
    }

    @Override
    public synchronized void destroyStream(long stream) {
        free(stream, "stream");
    }

    @Override
    public synchronized void synchronize(long stream) {
        try {
            called("cudaStreamSynchronize");
        } catch (NativeException failed) {
            find(stream, Stream.class).work().clear();
            throw failed;
        }
        drain(stream);
    }

    private void drain(long stream) {
        var work = find(stream, Stream.class).work();
        while (!work.isEmpty()) {
            work.removeFirst().run();
        }
    }

    @Override
    public synchronized long allocateDevice(long bytes) {
        called("cudaMalloc");
        return allocate("device memory", bytes);
    }

    @Override
    public synchronized long allocatePinned(long bytes) {
        called("cudaMallocHost");
        return allocate("pinned memory", bytes);
    }

    /** Of the thread that calls. */
    private int gpuInUse() {
        return Objects.requireNonNull(gpuInUse.get(Thread.currentThread()), "no GPU was chosen by this thread");
    }

    @SuppressWarnings("MustBeClosed") // it is, when the memory is freed
    private long allocate(String kind, long bytes) {
        var memory = Arena.ofShared();
        long address = memory.allocate(bytes, 256).address();
        live.put(address, new Live(kind, kind, memory, bytes));
        return address;
    }

    @Override
    public synchronized void freeDevice(long address) {
        free(address, "device memory");
    }

    @Override
    public synchronized void freePinned(long address) {
        free(address, "pinned memory");
    }

    @Override
    public synchronized void copyToDevice(long device, long pinned, long bytes, long stream) {
        copy(device, pinned, bytes, stream, "device memory", "pinned memory");
    }

    @Override
    public synchronized void copyToHost(long pinned, long device, long bytes, long stream) {
        copy(pinned, device, bytes, stream, "pinned memory", "device memory");
    }

    private void copy(long to, long from, long bytes, long stream, String toKind, String fromKind) {
        called("cudaMemcpyAsync");
        check(to, bytes, toKind);
        check(from, bytes, fromKind);
        find(stream, Stream.class).work().add(() -> HostContext.at(to, bytes).copyFrom(HostContext.at(from, bytes)));
    }

    private void check(long address, long bytes, String kind) {
        var memory = live.get(address);
        if (memory == null || !memory.kind().equals(kind) || memory.bytes() < bytes) {
            faults.add("a copy beyond " + kind);
            throw new IllegalStateException("a copy beyond " + kind);
        }
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

    @Override
    public synchronized long deserialize(MemorySegment plan, boolean hostCode) {
        called("IRuntime::deserializeCudaEngine");
        return keep("engine", new Engine(HostPlan.parse(text(plan)), gpuInUse()));
    }

    @Override
    public synchronized void destroyEngine(long engine) {
        free(engine, "engine");
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
        return keep("context", new Context(new HostContext(made.plan()), engine));
    }

    @Override
    public synchronized void destroyContext(long context) {
        free(context, "context");
    }

    @Override
    public synchronized void chooseProfile(long context, int profile, long stream) {
        called("IExecutionContext::setOptimizationProfileAsync");
        find(context, Context.class).run().choose(profile);
        chosenProfiles.add(profile);
    }

    @Override
    public synchronized void setInputShape(long context, String input, Shape shape) {
        called("IExecutionContext::setInputShape");
        if (!find(context, Context.class).run().setShape(input, shape)) {
            throw NativeException.tensorRt("IExecutionContext::setInputShape", "the profile does not take " + shape);
        }
    }

    @Override
    public synchronized Shape shape(long context, String tensor) {
        return find(context, Context.class).run().shape(tensor);
    }

    @Override
    public synchronized void setAddress(long context, String tensor, long device) {
        check(device, 0, "device memory");
        find(context, Context.class).run().setAddress(tensor, device);
    }

    @Override
    public synchronized void allocateLater(long context, String output, LateOutput memory) {
        find(context, Context.class).run().allocateLater(output, memory);
    }

    @Override
    public void enqueue(long context, long stream) {
        awaitGate();
        synchronized (this) {
            called("IExecutionContext::enqueueV3");
            var run = find(context, Context.class).run();
            if (!run.isComplete()) {
                throw NativeException.tensorRt("IExecutionContext::enqueueV3", "a tensor has no memory");
            }
            if (!run.isLate()) {
                find(stream, Stream.class).work().add(run::compute);
                return;
            }
            drain(stream);
            if (!run.compute()) {
                throw NativeException.tensorRt("IExecutionContext::enqueueV3", "an output got no memory");
            }
        }
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
