package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.backend.gpu.MemoryState;

/**
 * What this backend asks of CUDA. Streams, events, graphs and memory are addresses, owned by whoever asked for them, through a
 * {@link NativeHandle}; they belong to the GPU that the calling thread named last in {@link #useGpu}.
 */
interface CudaCalls {
    void useGpu(int gpu);

    /** Of the GPU in use. */
    MemoryState memory();

    long createStream();

    void destroyStream(long stream);

    /** Waits until all that was put on the stream is done. What went wrong in it is thrown here at the latest. */
    void synchronize(long stream);

    /** A mark that can be put on streams. */
    long createEvent();

    void destroyEvent(long event);

    /** Puts the mark behind what is on the stream. */
    void record(long event, long stream);

    /** What is put on the stream from now on begins when the mark was reached. */
    void await(long stream, long event);

    /** Waits until the mark was reached; what comes behind it may still be under way. */
    void synchronizeEvent(long event);

    long allocateDevice(long bytes);

    void freeDevice(long address);

    /**
     * The address here of memory that another process shares, from its beginning.
     *
     * @param handle a {@code cudaIpcMemHandle_t}
     */
    long openShared(byte[] handle);

    /** How large the memory is that begins there. */
    long sharedBytes(long address);

    /** Gives one opening back; after the last it is gone here. */
    void closeShared(long address);

    /** Copies and waits; from or to any memory of the host's. */
    void read(long host, long device, long bytes);

    void write(long device, long host, long bytes);

    /** Host memory that the GPU reads and writes by itself. */
    long allocatePinned(long bytes);

    void freePinned(long address);

    void copyToDevice(long device, long pinned, long bytes, long stream);

    void copyToHost(long pinned, long device, long bytes, long stream);

    /** From now on what this thread puts on the stream is written down and not done. */
    void beginCapture(long stream);

    /**
     * Ends it, in any case, and makes a graph of what was written down.
     *
     * @throws NativeException when something was put there that cannot be written down; the stream works as before
     */
    long endCapture(long stream);

    /** Puts all that was written down on the stream. */
    void launch(long graph, long stream);

    void destroyGraph(long graph);
}
