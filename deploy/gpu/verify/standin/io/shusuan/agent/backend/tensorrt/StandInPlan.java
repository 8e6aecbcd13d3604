package io.shusuan.agent.backend.tensorrt;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.build.ShapeProfile;
import io.shusuan.agent.engine.build.ShapeRange;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import io.shusuan.agent.engine.session.Session;
import io.shusuan.agent.engine.session.SessionSettings;
import io.shusuan.agent.engine.session.TensorType;
import io.shusuan.agent.inference.DataType;
import io.shusuan.agent.inference.Shape;
import io.shusuan.agent.inference.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * A plan of the stand-in: a mark, a version, an architecture, the profiles, the model and a checksum. What is wrong with one is said in
 * TensorRT's words, because the agent goes by them.
 */
record StandInPlan(ModelProto model, List<ShapeProfile> profiles, boolean streams, List<Binding> tensors) {
    private static final String MARK = "STAND-IN FOR TENSORRT";
    private static final int VERSION = 1;
    private static final String ARCHITECTURE = "sm_00";

    static StandInPlan of(ModelProto model, List<ShapeProfile> profiles, boolean streams) throws EngineException {
        var tensors = new ArrayList<Binding>();
        try (var session = Session.open(model, settings(model))) {
            for (var input : session.inputs()) {
                tensors.add(binding(input, profiles.stream().map(profile -> profile.range(input.name())).toList()));
            }
            session.outputs().forEach(output -> tensors.add(binding(output, List.of())));
        }
        return new StandInPlan(model, List.copyOf(profiles), streams, List.copyOf(tensors));
    }

    /** ONNX Runtime fuses pairs of FP8 into operators that it has no FP8 of, so such a graph runs as it is written. */
    static SessionSettings settings(ModelProto model) {
        boolean fp8 = model.getGraph().getInitializerList().stream()
                .anyMatch(tensor -> tensor.getDataType() == TensorProto.DataType.FLOAT8E4M3FN_VALUE);
        return new SessionSettings(1, !fp8, Optional.empty());
    }

    private static Binding binding(TensorType type, List<ShapeRange> ranges) {
        var wire = switch (type.type()) {
            case FLOAT -> DataType.FP32;
            case FLOAT16 -> DataType.FP16;
            default -> DataType.valueOf(type.type().name());
        };
        return new Binding(
                type.name(), !ranges.isEmpty(), Optional.of(wire), wire.name(), true, false, Shape.of(type.shape()), ranges);
    }

    /** What a context takes of the device: all tensors at their largest. */
    long contextBytes() {
        long batch = tensors.stream().filter(Binding::input).mapToLong(input -> input.profiles().getFirst().max().dim(0)).max().orElse(1);
        return tensors.stream()
                .mapToLong(tensor -> Tensor.byteSize(tensor.type().orElseThrow(), withBatch(tensor.shape(), batch)))
                .sum();
    }

    static Shape withBatch(Shape shape, long batch) {
        long[] dims = shape.toArray();
        if (dims.length > 0 && dims[0] < 0) {
            dims[0] = batch;
        }
        return Shape.of(dims);
    }

    byte[] bytes() {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeUTF(MARK);
            out.writeInt(VERSION);
            out.writeUTF(ARCHITECTURE);
            out.writeInt(profiles.size());
            for (var profile : profiles) {
                out.writeUTF(profile.toString());
            }
            out.writeBoolean(streams);
            var onnx = model.toByteString();
            out.writeInt(onnx.size());
            onnx.writeTo(out);
            out.writeLong(checksum(onnx));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static long checksum(ByteString bytes) {
        var sum = new CRC32();
        sum.update(bytes.asReadOnlyByteBuffer());
        return sum.getValue();
    }

    static StandInPlan parse(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            if (bytes.length < 2 || in.readUnsignedShort() != MARK.length() || !new String(in.readNBytes(MARK.length())).equals(MARK)) {
                throw refused("Serialization assertion magicTagRead == kMAGIC_TAG failed.Magic tag does not match");
            }
            int version = in.readInt();
            if (version != VERSION) {
                throw refused("Version tag does not match. Note: Current Version: " + VERSION + ", Serialized Engine Version: " + version);
            }
            var architecture = in.readUTF();
            if (!architecture.equals(ARCHITECTURE)) {
                throw refused("The engine plan file is generated on an incompatible device, expecting compute 0.0 got compute "
                        + architecture + ", please rebuild.");
            }
            var profiles = new ArrayList<ShapeProfile>();
            for (int left = in.readInt(); left > 0; left--) {
                profiles.add(ShapeProfile.parse(in.readUTF()));
            }
            boolean streams = in.readBoolean();
            var onnx = ByteString.copyFrom(in.readNBytes(in.readInt()));
            if (in.readLong() != checksum(onnx)) {
                throw refused("Serialization assertion checksum failed");
            }
            return of(ModelProto.parseFrom(onnx), profiles, streams);
        } catch (InvalidProtocolBufferException | EngineException damaged) {
            throw refused("deserialization failed: " + damaged.getMessage());
        } catch (IOException cutOff) {
            throw refused("Serialization assertion sizeRead <= size failed: the plan is truncated");
        }
    }

    private static NativeException refused(String log) {
        return NativeException.tensorRt("IRuntime::deserializeCudaEngine", log);
    }
}
