package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.backend.NativeHandle;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * What this backend asks of CUDA and TensorRT. Objects are addresses, owned by whoever asked for them, through a {@link NativeHandle}.
 *
 * <p>Every call throws {@link NativeException} with its own name and the library's error. Those that destroy or free throw nothing, what
 * goes wrong there is logged.
 */
interface NativeCalls extends CudaCalls {
    Versions versions();

    /** What builds ask, of libraries that serving does without. */
    BuilderCalls builder() throws UnavailableException;

    /**
     * Loads a library and registers the plugins in it, for good; plans that have them are read afterwards. To be called once for each.
     */
    void loadPlugins(Path library);

    /**
     * An engine from a plan, on the GPU in use. The plan is read before this returns.
     *
     * @param hostCode whether the plan may bring code of TensorRT's for this process to run, as version-compatible ones do
     */
    long deserialize(MemorySegment plan, boolean hostCode);

    void destroyEngine(long engine);

    List<Binding> bindings(long engine);

    /** What the engine's weights take on the device when none is streamed. */
    long weightBytes(long engine);

    /** How many of them may be streamed from the host's memory; 0 when the engine was not built for that. */
    long streamableBytes(long engine);

    /** How many of the streamable ones TensorRT would keep on the device, as far as it is free. */
    long automaticWeightBudget(long engine);

    /**
     * Keeps so many bytes of the streamable weights on the device; that memory is taken with the first context and given back with the last.
     * Only while there is no context.
     */
    void setWeightBudget(long engine, long bytes);

    /** What a context needs for what it computes on the way, whichever profile it uses. */
    long contextBytes(long engine);

    /** A context without memory for what it computes on the way: {@link #setContextMemory} gives it that before the first run. */
    long createContext(long engine);

    /** Contexts may share such memory when their runs do not overlap. It must last as long as the context. */
    void setContextMemory(long context, long device, long bytes);

    /** Frees the context; the memory given to {@link #allocateLater} for it is asked for nothing more. */
    void destroyContext(long context);

    void chooseProfile(long context, int profile, long stream);

    /** Not of shape tensors, whose own shape the engine fixes. */
    void setInputShape(long context, String input, Shape shape);

    /** The shape of a tensor by the shapes, and the values of shape tensors, set so far, with −1 for what only the run will tell. */
    Shape shape(long context, String tensor);

    /** What an output takes at most with the shapes set so far, also where only the run tells. */
    long largestOutput(long context, String output);

    /**
     * Where a tensor lies: on the device, or, of a shape tensor, in memory of the host's. The values of a shape tensor must be there before
     * shapes of outputs are asked for, and stay until the run is over.
     */
    void setAddress(long context, String tensor, long address);

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
