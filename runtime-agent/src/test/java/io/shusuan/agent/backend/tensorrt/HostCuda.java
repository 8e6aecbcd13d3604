package io.shusuan.agent.backend.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import io.shusuan.agent.backend.gpu.MemoryState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** CUDA as the tests need it: device memory is the host's and limited, every handle is counted, what would be a crash is noticed, and calls fail when told to. */
abstract class HostCuda implements CudaCalls {
    private static final String DEVICE = "device memory";
    private static final String SHARED = "shared device memory";
    static final long USUAL_MEMORY = 1L << 30;

    final HostStreams streams = new HostStreams();
    final List<String> faults = new CopyOnWriteArrayList<>();
    private final NavigableMap<Long, Live> live = new TreeMap<>();
    private final Map<String, NativeException> failures = new HashMap<>();
    private final Map<Integer, NativeException> sticky = new HashMap<>();
    private final Map<Thread, Integer> gpuInUse = new HashMap<>();
    private final Map<Integer, Long> used = new HashMap<>();
    /** Calls in their order, those that tell the order of work. */
    private final List<String> order = new CopyOnWriteArrayList<>();

    private final List<Exported> exported = new CopyOnWriteArrayList<>();
    private long memory = USUAL_MEMORY;
    private long next = 1;
    private boolean captureBroken;

    /** One thing that must be freed. */
    private record Live(
            String kind, Object object, @Nullable Arena memory, int gpu, long bytes) {}

    private record Graph(List<HostStreams.Work> work) {}

    // --- what a test asks and tells ---

    /** The next such call fails once. */
    synchronized void fail(String call, int code, String name) {
        failures.put(call, NativeException.cuda(call, code, name, "as the test wanted"));
    }

    /** What each GPU has. */
    synchronized void memory(long bytes) {
        memory = bytes;
    }

    /** As another process would. */
    synchronized void occupy(long bytes) {
        occupy(0, bytes);
    }

    void occupy(int gpu, long bytes) {
        used.merge(gpu, bytes, Long::sum);
    }

    synchronized long memoryInUse(int gpu) {
        return used.getOrDefault(gpu, 0L);
    }

    synchronized void copyAtOnce() {
        streams.copyAtOnce();
    }

    List<String> order() {
        return order;
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

    /** Memory of the GPU as another process has allocated it; the test owns it. */
    static final class Exported implements AutoCloseable {
        private static final AtomicInteger next = new AtomicInteger(1);

        private final Arena arena = Arena.ofShared();
        private final MemorySegment memory;
        private final byte[] handle = new byte[64];
        private int openings;

        Exported(long bytes) {
            memory = arena.allocate(bytes, 256);
            handle[0] = (byte) next.getAndIncrement();
        }

        ByteBuffer bytes() {
            return memory.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        }

        byte[] handle() {
            return handle;
        }

        @Override
        public void close() {
            assertThat(openings).as("openings that were not given back").isZero();
            arena.close();
        }
    }

    /** Lets other processes' memory be opened by its handle. */
    synchronized Exported export(long bytes) {
        var made = new Exported(bytes);
        exported.add(made);
        return made;
    }

    // --- what the backend calls ---

    void called(String call) {
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

    void ordered(String call) {
        order.add(call);
    }

    long keep(String kind, Object object) {
        return keep(kind, object, 0);
    }

    /** @param bytes what it takes of the GPU in use */
    long keep(String kind, Object object, long bytes) {
        long handle = next++;
        live.put(handle, new Live(kind, object, null, gpuInUse(), bytes));
        used.merge(gpuInUse(), bytes, Long::sum);
        return handle;
    }

    boolean isFree(long bytes) {
        return bytes <= memory - used.getOrDefault(gpuInUse(), 0L);
    }

    <T> T find(long handle, Class<T> type) {
        var found = live.get(handle);
        if (found == null) {
            faults.add("use of a freed " + type.getSimpleName());
            throw new IllegalStateException("use of a freed " + type.getSimpleName());
        }
        return type.cast(found.object());
    }

    <T> Stream<T> all(Class<T> type) {
        return live.values().stream().map(Live::object).filter(type::isInstance).map(type::cast);
    }

    void free(long handle, String kind) {
        var found = live.remove(handle);
        if (found == null || !found.kind().equals(kind)) {
            faults.add(kind + " freed twice or never made");
            return;
        }
        if (streams.uses(handle)) {
            faults.add(kind + " freed under a run");
        }
        if (!kind.equals("pinned memory")) {
            used.merge(found.gpu(), -found.bytes(), Long::sum);
        }
        if (found.memory() != null) {
            found.memory().close();
        }
    }

    @Override
    public synchronized void useGpu(int gpu) {
        gpuInUse.put(Thread.currentThread(), gpu);
    }

    /** Of the thread that calls. */
    int gpuInUse() {
        return Objects.requireNonNull(gpuInUse.get(Thread.currentThread()), "no GPU was chosen by this thread");
    }

    @Override
    public synchronized MemoryState memory() {
        called("cudaMemGetInfo");
        return new MemoryState(memory - used.getOrDefault(gpuInUse(), 0L), memory);
    }

    @Override
    public synchronized long createStream() {
        called("cudaStreamCreateWithFlags");
        long stream = keep("stream", "stream");
        streams.add(stream);
        return stream;
    }

    @Override
    public synchronized void destroyStream(long stream) {
        if (!streams.isEmpty(stream)) {
            faults.add("a stream destroyed while work was under way");
        }
        streams.remove(stream);
        free(stream, "stream");
    }

    @Override
    public synchronized void synchronize(long stream) {
        find(stream, String.class);
        try {
            called("cudaStreamSynchronize");
        } catch (NativeException failed) {
            streams.clear(stream);
            throw failed;
        }
        streams.drain(stream);
    }

    @Override
    public synchronized long createEvent() {
        called("cudaEventCreateWithFlags");
        return keep("event", "event");
    }

    @Override
    public synchronized void destroyEvent(long event) {
        free(event, "event");
    }

    @Override
    public synchronized void record(long event, long stream) {
        called("cudaEventRecord");
        find(event, String.class);
        streams.record(event, stream);
    }

    @Override
    public synchronized void await(long stream, long event) {
        called("cudaStreamWaitEvent");
        find(event, String.class);
        streams.await(stream, event);
    }

    @Override
    public synchronized void synchronizeEvent(long event) {
        find(event, String.class);
        ordered("wait");
        try {
            called("cudaEventSynchronize");
        } catch (NativeException failed) {
            if (failed.isSticky()) {
                streams.clearOfEvent(event);
            }
            throw failed;
        }
        streams.drainToEvent(event);
    }

    @Override
    public synchronized long allocateDevice(long bytes) {
        called("cudaMalloc");
        if (streams.captures()) {
            captureBroken = true;
        }
        if (!isFree(bytes)) {
            throw NativeException.cuda("cudaMalloc", 2, "cudaErrorMemoryAllocation", "out of memory");
        }
        used.merge(gpuInUse(), bytes, Long::sum);
        return allocate("device memory", bytes);
    }

    /** As CUDA: who opens the same again gets the same address. */
    @Override
    public synchronized long openShared(byte[] handle) {
        called("cudaIpcOpenMemHandle");
        var found = exported.stream()
                .filter(each -> Arrays.equals(each.handle, handle))
                .findFirst()
                .orElseThrow(() ->
                        NativeException.cuda("cudaIpcOpenMemHandle", 1, "cudaErrorInvalidValue", "invalid argument"));
        found.openings++;
        long address = found.memory.address();
        live.put(address, new Live(SHARED, found, null, gpuInUse(), found.memory.byteSize()));
        return address;
    }

    @Override
    public synchronized long sharedBytes(long address) {
        return find(address, Exported.class).memory.byteSize();
    }

    @Override
    public synchronized void closeShared(long address) {
        var shared = find(address, Exported.class);
        shared.openings--;
        if (shared.openings == 0) {
            if (streams.usesWithin(address, address + shared.memory.byteSize())) {
                faults.add("shared memory closed under a run");
            }
            live.remove(address);
        }
    }

    @Override
    public synchronized void read(long host, long device, long bytes) {
        called("cudaMemcpy");
        ordered("read");
        check(device, bytes, DEVICE);
        HostContext.at(host, bytes).copyFrom(HostContext.at(device, bytes));
    }

    @Override
    public synchronized void write(long device, long host, long bytes) {
        called("cudaMemcpy");
        ordered("write");
        check(device, bytes, DEVICE);
        HostContext.at(device, bytes).copyFrom(HostContext.at(host, bytes));
    }

    @Override
    public synchronized long allocatePinned(long bytes) {
        called("cudaMallocHost");
        return allocate("pinned memory", bytes);
    }

    @SuppressWarnings("MustBeClosed") // it is, when the memory is freed
    private long allocate(String kind, long bytes) {
        var arena = Arena.ofShared();
        long address = arena.allocate(bytes, 256).address();
        live.put(address, new Live(kind, kind, arena, gpuInUse(), bytes));
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
        ordered("copy in");
        copy(device, pinned, bytes, stream, "device memory", "pinned memory");
    }

    @Override
    public synchronized void copyToHost(long pinned, long device, long bytes, long stream) {
        ordered("copy out");
        copy(pinned, device, bytes, stream, "pinned memory", "device memory");
    }

    private void copy(long to, long from, long bytes, long stream, String toKind, String fromKind) {
        called("cudaMemcpyAsync");
        check(to, bytes, toKind);
        check(from, bytes, fromKind);
        streams.add(
                stream,
                new HostStreams.Work(
                        () -> HostContext.at(to, bytes).copyFrom(HostContext.at(from, bytes)), true, Set.of(to, from)));
    }

    /** Device memory may be another process', and then begin anywhere in it. */
    private static boolean lies(long address, long begin, String found, String wanted) {
        return found.equals(SHARED) ? wanted.equals(DEVICE) : found.equals(wanted) && begin == address;
    }

    void check(long address, long bytes, String kind) {
        var begin = live.floorEntry(address);
        var found = begin == null ? null : begin.getValue();
        if (found == null
                || !lies(address, begin.getKey(), found.kind(), kind)
                || begin.getKey() + found.bytes() < address + bytes) {
            faults.add("use beyond " + kind);
            throw new IllegalStateException("use beyond " + kind);
        }
    }

    @Override
    public synchronized void beginCapture(long stream) {
        called("cudaStreamBeginCapture");
        captureBroken = false;
        streams.beginCapture(stream);
    }

    @Override
    public synchronized long endCapture(long stream) {
        var work = streams.endCapture(stream);
        called("cudaStreamEndCapture");
        if (work == null || captureBroken) {
            throw NativeException.cuda(
                    "cudaStreamEndCapture", 901, "cudaErrorStreamCaptureInvalidated", "the capture was invalidated");
        }
        called("cudaGraphInstantiate");
        return keep("graph", new Graph(List.copyOf(work)));
    }

    @Override
    public synchronized void launch(long graph, long stream) {
        called("cudaGraphLaunch");
        ordered("graph");
        for (var work : find(graph, Graph.class).work()) {
            var uses = Stream.concat(work.uses().stream(), Stream.of(graph)).collect(Collectors.toUnmodifiableSet());
            streams.add(stream, new HostStreams.Work(work.task(), work.copy(), uses));
        }
    }

    @Override
    public synchronized void destroyGraph(long graph) {
        free(graph, "graph");
    }
}
