package io.shusuan.agent.backend.onnxruntime;

import io.netty.buffer.ByteBuf;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.ServingException;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one instance hands to the engine for a run: names, tensors and their number, in native memory that is used again for the next run.
 * It owns the engine's tensors of the run in progress, and the copies some of them lie over; {@link #clear} frees them. Not for several
 * threads.
 */
final class RunMemory implements AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final OnnxRuntime engine;
    private final OrtApi api;
    private final Arena arena = Arena.ofShared();
    private final Map<String, MemorySegment> inputTexts = new HashMap<>();
    private final Map<String, MemorySegment> outputTexts = new HashMap<>();
    private final MemorySegment inputNames;
    private final MemorySegment inputs;
    private final MemorySegment outputNames;
    private final MemorySegment outputs;
    /** Where functions leave what they answer. */
    private final MemorySegment out;

    private MemorySegment dims;
    private int inputCount;
    private int outputCount;
    private final List<ByteBuf> copies = new ArrayList<>(0);

    RunMemory(OnnxRuntime engine, List<ModelTensor> modelInputs, List<OutputPlan> plans) {
        this.engine = engine;
        this.api = engine.api();
        modelInputs.forEach(input -> inputTexts.put(input.name(), arena.allocateFrom(input.name())));
        plans.forEach(plan -> outputTexts.put(plan.name(), arena.allocateFrom(plan.name())));
        inputNames = pointers(modelInputs.size());
        inputs = pointers(modelInputs.size());
        outputNames = pointers(plans.size());
        outputs = pointers(plans.size());
        out = pointers(1);
        dims = pointers(8);
    }

    private MemorySegment pointers(int count) {
        return arena.allocate(LONG, Math.max(1, count));
    }

    /** Takes over a buffer that must live as long as the run. */
    void keep(ByteBuf copy) {
        copies.add(copy);
    }

    /** The next input; the engine's tensor is made by {@link #inputOver} or {@link #inputOfStrings} after this. */
    void nextInput(String name) {
        var text = inputTexts.get(name);
        if (text == null || inputCount == inputTexts.size()) {
            throw ServingException.invalid(
                    text == null
                            ? "the model has no input '" + name + "'"
                            : "the model has fewer inputs than were given");
        }
        inputNames.setAtIndex(LONG, inputCount, text.address());
        inputs.setAtIndex(LONG, inputCount, 0);
        inputCount++;
    }

    /** Says that there are no more inputs. A model's computation needs each, and not every part of the engine looks whether it is there. */
    void noMoreInputs() {
        if (inputCount < inputTexts.size()) {
            var missing = new TreeMap<>(inputTexts);
            for (int i = 0; i < inputCount; i++) {
                long given = inputNames.getAtIndex(LONG, i);
                missing.values().removeIf(text -> text.address() == given);
            }
            throw ServingException.invalid("the model has no tensor for its input '" + missing.firstKey() + "'");
        }
    }

    /** The next output, which the engine is to allocate unless {@link #outputOver} says where it lies. */
    void nextOutput(String name) {
        var text = outputTexts.get(name);
        if (text == null) {
            throw new IllegalArgumentException("the model has no output '" + name + "'");
        }
        outputNames.setAtIndex(LONG, outputCount, text.address());
        outputs.setAtIndex(LONG, outputCount, 0);
        outputCount++;
    }

    /** The input that was named last is these bytes, which outlive the run. */
    void inputOver(DataType type, Shape shape, long address, long bytes) {
        inputs.setAtIndex(LONG, inputCount - 1, over(type, shape, address, bytes));
    }

    /** The input that was named last is a tensor of strings, which is returned to be filled. */
    long inputOfStrings(Shape shape) {
        api.call(
                OrtFunction.CREATE_TENSOR_AS_ORT_VALUE,
                engine.allocator(),
                dims(shape),
                shape.rank(),
                ElementTypes.number(DataType.BYTES),
                out.address());
        long tensor = out.get(LONG, 0);
        inputs.setAtIndex(LONG, inputCount - 1, tensor);
        return tensor;
    }

    /** The output that was named last goes to these bytes, which outlive the run. */
    void outputOver(DataType type, Shape shape, long address, long bytes) {
        outputs.setAtIndex(LONG, outputCount - 1, over(type, shape, address, bytes));
    }

    private long over(DataType type, Shape shape, long address, long bytes) {
        // Memory of no bytes may have no address, which the engine does not take.
        api.call(
                OrtFunction.CREATE_TENSOR_WITH_DATA_AS_ORT_VALUE,
                engine.hostMemory(),
                bytes == 0 ? out.address() : address,
                bytes,
                dims(shape),
                shape.rank(),
                ElementTypes.number(type),
                out.address(),
                0);
        return out.get(LONG, 0);
    }

    private long dims(Shape shape) {
        room(shape.rank());
        for (int axis = 0; axis < shape.rank(); axis++) {
            dims.setAtIndex(LONG, axis, shape.dim(axis));
        }
        return dims.address();
    }

    /** There is as much as the largest rank needs; what was too small stays until the instance ends. */
    private void room(int rank) {
        if (rank * LONG.byteSize() > dims.byteSize()) {
            dims = pointers(2 * rank);
        }
    }

    void run(long session, long options) {
        api.call(
                OrtFunction.RUN,
                session,
                options,
                inputNames.address(),
                inputs.address(),
                inputCount,
                outputNames.address(),
                outputCount,
                outputs.address());
    }

    /** The engine's tensor of an output after a run. It stays the property of this memory. */
    long output(int index) {
        return outputs.getAtIndex(LONG, index);
    }

    /** The type and shape of an engine's tensor, for {@link #type} and {@link #shape}; the caller releases it. */
    long description(long tensor) {
        return ask(OrtFunction.GET_TENSOR_TYPE_AND_SHAPE, tensor);
    }

    int type(long description) {
        api.call(OrtFunction.GET_TENSOR_ELEMENT_TYPE, description, out.address());
        return out.get(ValueLayout.JAVA_INT, 0);
    }

    Shape shape(long description) {
        int rank = Math.toIntExact(ask(OrtFunction.GET_DIMENSIONS_COUNT, description));
        room(rank);
        api.call(OrtFunction.GET_DIMENSIONS, description, dims.address(), rank);
        var sizes = new long[rank];
        MemorySegment.copy(dims, LONG, 0, sizes, 0, rank);
        return Shape.of(sizes);
    }

    /** What a function says of an object by a pointer or a size. */
    long ask(OrtFunction function, long object) {
        api.call(function, object, out.address());
        return out.get(LONG, 0);
    }

    /** Where the engine has an element of a tensor of strings, made as long as this. */
    long stringOf(long tensor, long index, long bytes) {
        api.call(OrtFunction.GET_RESIZED_STRING_TENSOR_ELEMENT_BUFFER, tensor, index, bytes, out.address());
        return out.get(LONG, 0);
    }

    OrtApi api() {
        return api;
    }

    /** Frees the outputs' tensors: those the engine allocated with their memory. */
    void clearOutputs() {
        release(outputs, outputCount);
        outputCount = 0;
    }

    /** Frees all that belongs to a run, whatever became of it. */
    void clear() {
        clearOutputs();
        release(inputs, inputCount);
        inputCount = 0;
        if (!copies.isEmpty()) {
            copies.forEach(ByteBuf::release);
            copies.clear();
        }
    }

    private void release(MemorySegment tensors, int count) {
        for (int i = 0; i < count; i++) {
            long tensor = tensors.getAtIndex(LONG, i);
            if (tensor != 0) {
                api.release(OrtFunction.RELEASE_VALUE, tensor);
            }
        }
    }

    @Override
    public void close() {
        clear();
        arena.close();
    }
}
