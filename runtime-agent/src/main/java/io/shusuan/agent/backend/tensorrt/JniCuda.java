package io.shusuan.agent.backend.tensorrt;

import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaIpcMemLazyEnablePeerAccess;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamCaptureModeThreadLocal;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;

import io.shusuan.agent.backend.gpu.MemoryState;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudart.cudaIpcMemHandle_t;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.jspecify.annotations.Nullable;

/** CUDA's runtime through JavaCPP's JNI. */
abstract class JniCuda implements CudaCalls {
    private static final Logger log = System.getLogger(JniCuda.class.getName());

    @Override
    public void useGpu(int gpu) {
        checked("cudaSetDevice", cudart.cudaSetDevice(gpu));
    }

    @Override
    public MemoryState memory() {
        try (var free = new SizeTPointer(1);
                var total = new SizeTPointer(1)) {
            checked("cudaMemGetInfo", cudart.cudaMemGetInfo(free, total));
            return new MemoryState(free.get(), total.get());
        }
    }

    @Override
    public long createStream() {
        var stream = new CUstream_st();
        checked("cudaStreamCreateWithFlags", cudart.cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking));
        return stream.address();
    }

    @Override
    public void destroyStream(long stream) {
        logged("cudaStreamDestroy", cudart.cudaStreamDestroy(stream(stream)));
    }

    @Override
    public void synchronize(long stream) {
        checked("cudaStreamSynchronize", cudart.cudaStreamSynchronize(stream(stream)));
    }

    @Override
    public long createEvent() {
        var event = new CUevent_st();
        checked("cudaEventCreateWithFlags", cudart.cudaEventCreateWithFlags(event, cudaEventDisableTiming));
        return event.address();
    }

    @Override
    public void destroyEvent(long event) {
        logged("cudaEventDestroy", cudart.cudaEventDestroy(event(event)));
    }

    @Override
    public void record(long event, long stream) {
        checked("cudaEventRecord", cudart.cudaEventRecord(event(event), stream(stream)));
    }

    @Override
    public void await(long stream, long event) {
        checked("cudaStreamWaitEvent", cudart.cudaStreamWaitEvent(stream(stream), event(event), 0));
    }

    @Override
    public void synchronizeEvent(long event) {
        checked("cudaEventSynchronize", cudart.cudaEventSynchronize(event(event)));
    }

    @Override
    public long allocateDevice(long bytes) {
        var memory = new Pointer();
        checked("cudaMalloc", cudart.cudaMalloc(memory, bytes));
        return memory.address();
    }

    @Override
    public void freeDevice(long address) {
        logged("cudaFree", cudart.cudaFree(at(address)));
    }

    @Override
    public long openShared(byte[] handle) {
        var memory = new Pointer();
        try (var shared = new cudaIpcMemHandle_t()) {
            shared.reserved().put(handle);
            checked(
                    "cudaIpcOpenMemHandle",
                    cudart.cudaIpcOpenMemHandle(memory, shared, cudaIpcMemLazyEnablePeerAccess));
            return memory.address();
        }
    }

    /** The driver's call: the runtime has none. Its errors have the runtime's numbers. */
    @Override
    public long sharedBytes(long address) {
        try (var bytes = new SizeTPointer(1)) {
            checked("cuMemGetAddressRange", cudart.cuMemGetAddressRange(new long[1], bytes, address));
            return bytes.get();
        }
    }

    @Override
    public void closeShared(long address) {
        logged("cudaIpcCloseMemHandle", cudart.cudaIpcCloseMemHandle(at(address)));
    }

    @Override
    public void read(long host, long device, long bytes) {
        checked("cudaMemcpy", cudart.cudaMemcpy(at(host), at(device), bytes, cudaMemcpyDeviceToHost));
    }

    /** The copy returns when the host's memory was read, which is before the bytes are there. */
    @Override
    public void write(long device, long host, long bytes) {
        checked("cudaMemcpy", cudart.cudaMemcpy(at(device), at(host), bytes, cudaMemcpyHostToDevice));
        checked("cudaStreamSynchronize", cudart.cudaStreamSynchronize(stream(0)));
    }

    @Override
    public long allocatePinned(long bytes) {
        var memory = new Pointer();
        checked("cudaMallocHost", cudart.cudaMallocHost(memory, bytes));
        return memory.address();
    }

    @Override
    public void freePinned(long address) {
        logged("cudaFreeHost", cudart.cudaFreeHost(at(address)));
    }

    @Override
    public void copyToDevice(long device, long pinned, long bytes, long stream) {
        copy(device, pinned, bytes, cudaMemcpyHostToDevice, stream);
    }

    @Override
    public void copyToHost(long pinned, long device, long bytes, long stream) {
        copy(pinned, device, bytes, cudaMemcpyDeviceToHost, stream);
    }

    private static void copy(long to, long from, long bytes, int direction, long stream) {
        checked("cudaMemcpyAsync", cudart.cudaMemcpyAsync(at(to), at(from), bytes, direction, stream(stream)));
    }

    /** Other threads go on allocating memory meanwhile, which the default mode would forbid them. */
    @Override
    public void beginCapture(long stream) {
        checked(
                "cudaStreamBeginCapture",
                cudart.cudaStreamBeginCapture(stream(stream), cudaStreamCaptureModeThreadLocal));
    }

    @Override
    public long endCapture(long stream) {
        var graph = new CUgraph_st();
        checked("cudaStreamEndCapture", cudart.cudaStreamEndCapture(stream(stream), graph));
        try {
            var executable = new CUgraphExec_st();
            checked("cudaGraphInstantiate", cudart.cudaGraphInstantiate(executable, graph, 0));
            return executable.address();
        } finally {
            logged("cudaGraphDestroy", cudart.cudaGraphDestroy(graph));
        }
    }

    @Override
    public void launch(long graph, long stream) {
        checked("cudaGraphLaunch", cudart.cudaGraphLaunch(graph(graph), stream(stream)));
    }

    @Override
    public void destroyGraph(long graph) {
        logged("cudaGraphExecDestroy", cudart.cudaGraphExecDestroy(graph(graph)));
    }

    /** CUDA keeps an error until it is asked for, and another call would tell it as its own. */
    static void checked(String call, int code) {
        if (code != 0) {
            cudart.cudaGetLastError();
            throw failure(call, code);
        }
    }

    private static void logged(String call, int code) {
        if (code != 0) {
            log.log(Level.ERROR, failure(call, code).text());
        }
    }

    static NativeException failure(String call, int code) {
        return NativeException.cuda(
                call,
                code,
                cudart.cudaGetErrorName(code).getString(),
                cudart.cudaGetErrorString(code).getString());
    }

    static boolean isNull(@Nullable Pointer object) {
        return object == null || object.isNull();
    }

    static CUstream_st stream(long address) {
        return new CUstream_st(at(address));
    }

    private static CUevent_st event(long address) {
        return new CUevent_st(at(address));
    }

    private static CUgraphExec_st graph(long address) {
        return new CUgraphExec_st(at(address));
    }

    static Pointer at(long address) {
        return new Address(address);
    }
}
