package io.shusuan.agent.engine.session;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import io.shusuan.agent.engine.onnx.TensorProto.DataType;
import java.util.Arrays;

/** What a tensor of a model may hold. A dimension that depends on the input is -1. */
public record TensorType(String name, DataType type, long[] shape) {
    private static final String PREFIX = "ONNX_TENSOR_ELEMENT_DATA_TYPE_";

    static TensorType of(String name, TensorInfo info) {
        return new TensorType(name, elementType(info), info.getShape());
    }

    /** The engine's types are named as the format's. */
    static DataType elementType(TensorInfo info) {
        try {
            return DataType.valueOf(info.onnxType.name().substring(PREFIX.length()));
        } catch (IllegalArgumentException newer) {
            return DataType.UNDEFINED;
        }
    }

    /** By the name, because the numbers of ONNX Runtime's Java API are its own. */
    static OnnxJavaType javaType(DataType type) {
        return OnnxJavaType.mapFromOnnxTensorType(TensorInfo.OnnxTensorType.valueOf(PREFIX + type.name()));
    }

    public boolean isFloat() {
        return type == DataType.FLOAT;
    }

    @Override
    public String toString() {
        return name + " " + type + Arrays.toString(shape).replace("-1", "?");
    }
}
