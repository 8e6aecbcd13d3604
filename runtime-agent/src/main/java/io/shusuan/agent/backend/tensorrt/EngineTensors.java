package io.shusuan.agent.backend.tensorrt;

import io.shusuan.agent.engine.build.ShapeRange;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvinfer.OptProfileSelector;
import org.bytedeco.tensorrt.global.nvinfer.TensorFormat;
import org.bytedeco.tensorrt.global.nvinfer.TensorIOMode;
import org.bytedeco.tensorrt.global.nvinfer.TensorLocation;
import org.bytedeco.tensorrt.nvinfer.Dims64;
import org.bytedeco.tensorrt.nvinfer.ICudaEngine;

/** Reads what an engine says of its tensors. */
final class EngineTensors {
    private static final int SHAPES = -1;

    private EngineTensors() {}

    static List<Binding> of(ICudaEngine engine) {
        var bindings = new ArrayList<Binding>();
        for (int i = 0; i < engine.getNbIOTensors(); i++) {
            var name = engine.getIOTensorName(i);
            boolean input = engine.getTensorIOMode(name).intern() == TensorIOMode.kINPUT;
            var type = engine.getTensorDataType(name).intern();
            var shape = shape(engine.getTensorShape(name));
            boolean host = engine.isShapeInferenceIO(name)
                    || engine.getTensorLocation(name).intern() == TensorLocation.kHOST;
            bindings.add(new Binding(
                    name,
                    input,
                    wireType(type),
                    type.name().substring(1),
                    engine.getTensorFormat(name).intern() == TensorFormat.kLINEAR,
                    host,
                    shape,
                    input ? profiles(engine, name, host ? (int) shape.elementCount() : SHAPES) : List.of()));
        }
        return bindings;
    }

    /** @param values how many values of a shape tensor the profiles name */
    private static List<ShapeRange> profiles(ICudaEngine engine, String input, int values) {
        var ranges = new ArrayList<ShapeRange>();
        for (int i = 0; i < engine.getNbOptimizationProfiles(); i++) {
            ranges.add(new ShapeRange(
                    profile(engine, input, i, OptProfileSelector.kMIN, values),
                    profile(engine, input, i, OptProfileSelector.kOPT, values),
                    profile(engine, input, i, OptProfileSelector.kMAX, values)));
        }
        return ranges;
    }

    private static Shape profile(ICudaEngine engine, String input, int profile, OptProfileSelector which, int values) {
        if (values == SHAPES) {
            return shape(engine.getProfileShape(input, profile, which));
        }
        var told = engine.getProfileTensorValuesV2(input, profile, which);
        if (told == null || told.isNull()) {
            throw NativeException.tensorRt("ICudaEngine::getProfileTensorValuesV2 of '" + input + "'", "");
        }
        long[] sizes = new long[values];
        told.get(sizes);
        return Shape.of(sizes);
    }

    /** What the protocol calls a type; empty for those it cannot carry, of less than a byte or of eight bits with an exponent. */
    private static Optional<DataType> wireType(nvinfer.DataType type) {
        return switch (type) {
            case kFLOAT -> Optional.of(DataType.FP32);
            case kHALF -> Optional.of(DataType.FP16);
            case kBF16 -> Optional.of(DataType.BF16);
            case kINT8 -> Optional.of(DataType.INT8);
            case kINT32 -> Optional.of(DataType.INT32);
            case kINT64 -> Optional.of(DataType.INT64);
            case kUINT8 -> Optional.of(DataType.UINT8);
            case kBOOL -> Optional.of(DataType.BOOL);
            case kFP8, kINT4, kFP4, kE8M0 -> Optional.empty();
        };
    }

    static Shape shape(Dims64 dims) {
        long[] sizes = new long[dims.nbDims()];
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] = dims.d(i);
        }
        return Shape.of(sizes);
    }

    /** The caller closes it. */
    static Dims64 dims(Shape shape) {
        var dims = new Dims64();
        dims.nbDims(shape.rank());
        for (int i = 0; i < shape.rank(); i++) {
            dims.d(i, shape.dim(i));
        }
        return dims;
    }
}
