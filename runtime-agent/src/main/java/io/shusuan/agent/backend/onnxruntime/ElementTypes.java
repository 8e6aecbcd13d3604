package io.shusuan.agent.backend.onnxruntime;

import io.shusuan.agent.inference.DataType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The protocol's data types and the engine's numbers for them, {@code ONNXTensorElementDataType}, one to the other. */
final class ElementTypes {
    private static final List<Optional<DataType>> BY_NUMBER = List.of(
            Optional.empty(), // undefined
            Optional.of(DataType.FP32),
            Optional.of(DataType.UINT8),
            Optional.of(DataType.INT8),
            Optional.of(DataType.UINT16),
            Optional.of(DataType.INT16),
            Optional.of(DataType.INT32),
            Optional.of(DataType.INT64),
            Optional.of(DataType.BYTES),
            Optional.of(DataType.BOOL),
            Optional.of(DataType.FP16),
            Optional.of(DataType.FP64),
            Optional.of(DataType.UINT32),
            Optional.of(DataType.UINT64),
            Optional.empty(), // COMPLEX64
            Optional.empty(), // COMPLEX128
            Optional.of(DataType.BF16));

    /** Of those the protocol does not have, from 14 on. */
    private static final List<String> FOREIGN = List.of(
            "COMPLEX64",
            "COMPLEX128",
            "BFLOAT16",
            "FLOAT8E4M3FN",
            "FLOAT8E4M3FNUZ",
            "FLOAT8E5M2",
            "FLOAT8E5M2FNUZ",
            "UINT4",
            "INT4",
            "FLOAT4E2M1",
            "UINT2",
            "INT2");

    private static final int FIRST_FOREIGN = 14;
    private static final Map<DataType, Integer> NUMBERS = new EnumMap<>(DataType.class);

    static {
        for (int number = 0; number < BY_NUMBER.size(); number++) {
            int engine = number;
            BY_NUMBER.get(number).ifPresent(type -> NUMBERS.put(type, engine));
        }
    }

    private ElementTypes() {}

    /** What an engine's tensor is called in the protocol; empty for types the protocol does not have. */
    static Optional<DataType> of(int number) {
        return number >= 0 && number < BY_NUMBER.size() ? BY_NUMBER.get(number) : Optional.empty();
    }

    static int number(DataType type) {
        return Objects.requireNonNull(NUMBERS.get(type));
    }

    /** What ONNX calls a type that the protocol does not have. */
    static String foreign(int number) {
        int index = number - FIRST_FOREIGN;
        return index >= 0 && index < FOREIGN.size() ? FOREIGN.get(index) : "number " + number;
    }
}
