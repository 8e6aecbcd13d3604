package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.inference.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * What this backend asks of CUDA and TensorRT. Objects and memory are addresses, owned by whoever asked for them, through a {@link NativeHandle}.
 *
 * <p>Every call throws {@link NativeException} with its own name and the library's error. Those that destroy or free throw nothing, what
 * goes wrong there is logged. Streams and memory belong to the GPU that the calling thread named last in {@link #useGpu}.
 */
interface NativeCalls {
    Versions versions();

    /** What builds ask, of libraries that serving does without. */
    BuilderCalls builder() throws UnavailableException;

    void useGpu(int gpu);

    long createStream();

    void destroyStream(long stream);

    /** Waits until all that was put on the stream is done. What went wrong in it is thrown here at the latest. */
    void synchronize(long stream);

    long allocateDevice(long bytes);

    void freeDevice(long address);

    /** Host memory that the GPU reads and writes by itself. */
    long allocatePinned(long bytes);

    void freePinned(long address);

    void copyToDevice(long device, long pinned, long bytes, long stream);

    void copyToHost(long pinned, long device, long bytes, long stream);

    /**
     * An engine from a plan, on the GPU in use. The plan is read before this returns.
     *
     * @param hostCode whether the plan may bring code of TensorRT's for this process to run, as version-compatible ones do
     */
    long deserialize(MemorySegment plan, boolean hostCode);

    void destroyEngine(long engine);

    List<Binding> bindings(long engine);

    long createContext(long engine);

    /** Frees the context; the memory given to {@link #allocateLater} for it is asked for nothing more. */
    void destroyContext(long context);

    void chooseProfile(long context, int profile, long stream);

    void setInputShape(long context, String input, Shape shape);

    /** The shape of a tensor by the shapes set so far, with −1 for what only the run will tell. */
    Shape shape(long context, String tensor);

    void setAddress(long context, String tensor, long device);

    /** Has the memory of an output asked for during the run, when its size is known. */
    void allocateLater(long context, String output, LateOutput memory);

    /** Puts a run on the stream. Shapes of outputs that were allocated late are told before this returns. */
    void enqueue(long context, long stream);

    /** Gives memory to an output whose size only the run tells. Called by the thread that enqueues. */
    interface LateOutput {
        /** The address of at least so much device memory; 0 when there is none. */
        long allocate(long bytes);

        void shapeIs(Shape shape);
    }
}
