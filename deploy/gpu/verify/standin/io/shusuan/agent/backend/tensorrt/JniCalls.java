package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.gpu.MemoryState;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.build.BuildSettings;
import io.shusuan.agent.engine.graph.OnnxFile;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * ONNX Runtime in TensorRT's place, for the rehearsal on a machine without a GPU. It stands before the agent's own class of this name on the
 * class path, so everything else that runs is the product. "Device" memory is the host's and limited; a plan is the ONNX model with its
 * profiles; a run does nothing before its stream is waited for. What it measures says nothing of any GPU.
 */
final class JniCalls implements NativeCalls {
    /** Small, so that a model can ask for more. */
    private static final long DEVICE_BYTES = 32L << 20;

    private final Map<Long, Queue<Runnable>> streams = new ConcurrentHashMap<>();
    private final Map<Long, StandInPlan> engines = new ConcurrentHashMap<>();
    private final Map<Long, StandInContext> contexts = new ConcurrentHashMap<>();
    private final Map<Long, Arena> memory = new ConcurrentHashMap<>();
    private final Map<Long, Long> onDevice = new ConcurrentHashMap<>();
    private final Map<Long, Mark> marks = new ConcurrentHashMap<>();
    private final Map<Long, List<Runnable>> graphs = new ConcurrentHashMap<>();
    private final Map<Long, List<Runnable>> captures = new ConcurrentHashMap<>();
    private final StandInShared shared = new StandInShared();
    private final AtomicLong next = new AtomicLong(1);
    private long used;

    /** Where an event was put: on which stream, and whether that has come so far. */
    private static final class Mark {
        private final long stream;
        private boolean reached;

        Mark(long stream) {
            this.stream = stream;
        }
    }

    static NativeCalls load() {
        return new JniCalls();
    }

    @Override
    public Versions versions() {
        return new Versions("0-rehearsal", "none", "none", List.of(new Versions.Gpu(0, 0, 0)));
    }

    @Override
    public void useGpu(int gpu) {}

    @Override
    public synchronized MemoryState memory() {
        return new MemoryState(DEVICE_BYTES - used, DEVICE_BYTES);
    }

    @Override
    public long createStream() {
        streams.put(next.get(), new ArrayDeque<>());
        return next.getAndIncrement();
    }

    @Override
    public void destroyStream(long stream) {
        streams.remove(stream);
    }

    @Override
    public void synchronize(long stream) {
        var work = streams.get(stream);
        try {
            for (var task = work.poll(); task != null; task = work.poll()) {
                task.run();
            }
        } finally {
            work.clear();
        }
    }

    @Override
    public long createEvent() {
        return next.getAndIncrement();
    }

    @Override
    public void destroyEvent(long event) {
        marks.remove(event);
    }

    @Override
    public void record(long event, long stream) {
        var mark = new Mark(stream);
        marks.put(event, mark);
        streams.get(stream).add(() -> mark.reached = true);
    }

    @Override
    public void await(long stream, long event) {
        var mark = marks.get(event);
        if (mark != null) {
            streams.get(stream).add(() -> reach(mark));
        }
    }

    @Override
    public void synchronizeEvent(long event) {
        var mark = marks.get(event);
        if (mark != null) {
            reach(mark);
        }
    }

    /** One thread works with an instance's streams. */
    private void reach(Mark mark) {
        var work = streams.get(mark.stream);
        try {
            for (var task = mark.reached ? null : work.poll(); task != null; task = mark.reached ? null : work.poll()) {
                task.run();
            }
        } catch (NativeException failed) {
            work.clear();
            throw failed;
        }
    }

    @Override
    public void beginCapture(long stream) {
        captures.put(stream, new ArrayList<>());
    }

    @Override
    public long endCapture(long stream) {
        graphs.put(next.get(), captures.remove(stream));
        return next.getAndIncrement();
    }

    @Override
    public void launch(long graph, long stream) {
        streams.get(stream).addAll(graphs.get(graph));
    }

    @Override
    public void destroyGraph(long graph) {
        graphs.remove(graph);
    }

    @Override
    public long allocateDevice(long bytes) {
        if (!take(bytes)) {
            throw NativeException.cuda("cudaMalloc", 2, "cudaErrorMemoryAllocation", "out of memory");
        }
        long address = allocatePinned(bytes);
        onDevice.put(address, bytes);
        return address;
    }

    private synchronized boolean take(long bytes) {
        if (used + bytes > DEVICE_BYTES) {
            return false;
        }
        used += bytes;
        return true;
    }

    private synchronized void giveBack(long bytes) {
        used -= bytes;
    }

    @Override
    public void freeDevice(long address) {
        giveBack(onDevice.remove(address));
        freePinned(address);
    }

    @Override
    public long openShared(byte[] handle) {
        return shared.open(handle);
    }

    @Override
    public long sharedBytes(long address) {
        return shared.bytes(address);
    }

    @Override
    public void closeShared(long address) {
        shared.close(address);
    }

    @Override
    public void read(long host, long device, long bytes) {
        at(host, bytes).copyFrom(at(device, bytes));
    }

    @Override
    public void write(long device, long host, long bytes) {
        at(device, bytes).copyFrom(at(host, bytes));
    }

    @Override
    public long allocatePinned(long bytes) {
        var arena = Arena.ofShared();
        long address = arena.allocate(bytes, 256).address();
        memory.put(address, arena);
        return address;
    }

    @Override
    public void freePinned(long address) {
        memory.remove(address).close();
    }

    @Override
    public void copyToDevice(long device, long pinned, long bytes, long stream) {
        copy(device, pinned, bytes, stream);
    }

    @Override
    public void copyToHost(long pinned, long device, long bytes, long stream) {
        copy(pinned, device, bytes, stream);
    }

    private void copy(long to, long from, long bytes, long stream) {
        streams.get(stream).add(() -> at(to, bytes).copyFrom(at(from, bytes)));
    }

    static MemorySegment at(long address, long bytes) {
        return MemorySegment.ofAddress(address).reinterpret(bytes);
    }

    @Override
    public BuilderCalls builder() {
        return JniCalls::build;
    }

    private static BuilderCalls.Built build(Path onnx, BuildSettings settings, MemorySegment timings) {
        try {
            var plan = StandInPlan.of(OnnxFile.read(onnx), settings.profiles(), settings.weightStreaming()).bytes();
            return new BuilderCalls.Built(MemorySegment.ofArray(plan), MemorySegment.ofArray(new byte[] {1}), () -> {});
        } catch (EngineException failed) {
            throw NativeException.tensorRt("IBuilder::buildSerializedNetwork", failed.text());
        }
    }

    /** There are no plugins here: what a real loader would not take is not taken. */
    @Override
    public void loadPlugins(Path library) {
        try {
            SystemLibraries.require(library.toString(), "mend it");
        } catch (UnavailableException unloadable) {
            throw NativeException.tensorRt("dlopen", unloadable.getMessage());
        }
    }

    @Override
    public long deserialize(MemorySegment plan, boolean hostCode) {
        var read = StandInPlan.parse(plan.toArray(ValueLayout.JAVA_BYTE));
        if (!take(read.model().getSerializedSize())) {
            throw NativeException.tensorRt("IRuntime::deserializeCudaEngine", "the weights could not be allocated: out of memory");
        }
        engines.put(next.get(), read);
        return next.getAndIncrement();
    }

    @Override
    public void destroyEngine(long engine) {
        giveBack(engines.remove(engine).model().getSerializedSize());
    }

    @Override
    public List<Binding> bindings(long engine) {
        return engines.get(engine).tensors();
    }

    @Override
    public long weightBytes(long engine) {
        return engines.get(engine).model().getSerializedSize();
    }

    /** All of it by name; in truth all weights stay in ONNX Runtime. */
    @Override
    public long streamableBytes(long engine) {
        return engines.get(engine).streams() ? weightBytes(engine) : 0;
    }

    @Override
    public synchronized long automaticWeightBudget(long engine) {
        return Math.min(streamableBytes(engine), DEVICE_BYTES - used);
    }

    @Override
    public void setWeightBudget(long engine, long bytes) {}

    @Override
    public long contextBytes(long engine) {
        return engines.get(engine).contextBytes();
    }

    @Override
    public long createContext(long engine) {
        contexts.put(next.get(), new StandInContext(engines.get(engine)));
        return next.getAndIncrement();
    }

    @Override
    public void setContextMemory(long context, long device, long bytes) {
        // ONNX Runtime has its own
    }

    @Override
    public void destroyContext(long context) {
        contexts.remove(context).close();
    }

    @Override
    public void chooseProfile(long context, int profile, long stream) {
        contexts.get(context).choose(profile);
    }

    @Override
    public void setInputShape(long context, String input, Shape shape) {
        contexts.get(context).setShape(input, shape);
    }

    @Override
    public Shape shape(long context, String tensor) {
        return contexts.get(context).shape(tensor);
    }

    @Override
    public long largestOutput(long context, String output) {
        return contexts.get(context).bytes(output);
    }

    @Override
    public void setAddress(long context, String tensor, long device) {
        contexts.get(context).setAddress(tensor, device);
    }

    @Override
    public void allocateLater(long context, String output, LateOutput memory) {
        throw new IllegalStateException("the models of the rehearsal have no outputs whose shape only a run tells");
    }

    @Override
    public void enqueue(long context, long stream) {
        var run = contexts.get(context).asTold();
        var capture = captures.get(stream);
        if (capture == null) {
            streams.get(stream).add(run);
        } else {
            capture.add(run);
        }
    }
}
