package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.backend.LoadException;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * An input or output as a session tells it.
 *
 * @param dimensionNames for each dimension the name it has in the file, empty where it has none
 */
record ModelTensor(String name, DataType type, Shape shape, List<String> dimensionNames) {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** {@code ONNXType}, from 0 on. */
    private static final List<String> KINDS = List.of(
            "something unknown", "a tensor", "a sequence", "a map", "opaque", "a sparse tensor", "an optional value");

    private static final int TENSOR = 1;

    ModelTensor {
        dimensionNames = List.copyOf(dimensionNames);
    }

    static List<ModelTensor> inputs(OnnxRuntime engine, long session) throws LoadException {
        return read(
                engine,
                session,
                "input",
                OrtFunction.SESSION_GET_INPUT_COUNT,
                OrtFunction.SESSION_GET_INPUT_NAME,
                OrtFunction.SESSION_GET_INPUT_TYPE_INFO);
    }

    static List<ModelTensor> outputs(OnnxRuntime engine, long session) throws LoadException {
        return read(
                engine,
                session,
                "output",
                OrtFunction.SESSION_GET_OUTPUT_COUNT,
                OrtFunction.SESSION_GET_OUTPUT_NAME,
                OrtFunction.SESSION_GET_OUTPUT_TYPE_INFO);
    }

    private static List<ModelTensor> read(
            OnnxRuntime engine,
            long session,
            String what,
            OrtFunction countFunction,
            OrtFunction nameFunction,
            OrtFunction typeFunction)
            throws LoadException {
        var api = engine.api();
        var tensors = new ArrayList<ModelTensor>();
        try (var memory = Arena.ofConfined()) {
            var out = memory.allocate(LONG);
            api.call(countFunction, session, out.address());
            long count = out.get(LONG, 0);
            for (long index = 0; index < count; index++) {
                api.call(nameFunction, session, index, engine.allocator(), out.address());
                long text = out.get(LONG, 0);
                var name = OrtApi.text(text);
                api.call(OrtFunction.ALLOCATOR_FREE, engine.allocator(), text);
                api.call(typeFunction, session, index, out.address());
                long type = out.get(LONG, 0);
                try {
                    tensors.add(read(api, memory, name, what + " '" + name + "'", type));
                } finally {
                    api.release(OrtFunction.RELEASE_TYPE_INFO, type);
                }
            }
        }
        return tensors;
    }

    private static ModelTensor read(OrtApi api, Arena memory, String name, String what, long type)
            throws LoadException {
        var out = memory.allocate(LONG);
        api.call(OrtFunction.GET_ONNX_TYPE_FROM_TYPE_INFO, type, out.address());
        int kind = out.get(ValueLayout.JAVA_INT, 0);
        if (kind != TENSOR) {
            throw new LoadException(what + " is not a tensor but "
                    + KINDS.get(kind >= 0 && kind < KINDS.size() ? kind : 0)
                    + "; convert the model so that it has tensors only (for scikit-learn: option zipmap=False)");
        }
        api.call(OrtFunction.CAST_TYPE_INFO_TO_TENSOR_INFO, type, out.address());
        long info = out.get(LONG, 0); // part of the type, not to be released
        api.call(OrtFunction.GET_TENSOR_ELEMENT_TYPE, info, out.address());
        int number = out.get(ValueLayout.JAVA_INT, 0);
        var element = ElementTypes.of(number)
                .orElseThrow(() -> new LoadException(what + " has the type " + ElementTypes.foreign(number)
                        + ", which the protocol cannot carry: cast it inside the model"));
        api.call(OrtFunction.GET_DIMENSIONS_COUNT, info, out.address());
        int rank = Math.toIntExact(out.get(LONG, 0));
        var dims = memory.allocate(LONG, Math.max(1, rank));
        api.call(OrtFunction.GET_DIMENSIONS, info, dims.address(), rank);
        var names = memory.allocate(LONG, Math.max(1, rank));
        api.call(OrtFunction.GET_SYMBOLIC_DIMENSIONS, info, names.address(), rank);
        var sizes = new long[rank];
        var symbols = new ArrayList<String>();
        for (int axis = 0; axis < rank; axis++) {
            sizes[axis] = dims.getAtIndex(LONG, axis);
            symbols.add(OrtApi.text(names.getAtIndex(LONG, axis)));
        }
        return new ModelTensor(name, element, Shape.of(sizes), symbols);
    }
}
