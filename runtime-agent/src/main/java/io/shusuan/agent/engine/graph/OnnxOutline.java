package io.shusuan.agent.engine.graph;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.WireFormat;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.onnx.GraphProto;
import io.shusuan.agent.engine.onnx.ModelProto;
import io.shusuan.agent.engine.onnx.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * An ONNX file without its weights: small, however large the model is.
 *
 * @param model the graph; its weights have a name, a type and a shape, and no values
 * @param files the ONNX file, and those beside it that its weights lie in
 */
public record OnnxOutline(ModelProto model, List<Path> files) {
    private static final Set<Integer> VALUES = Set.of(
            TensorProto.FLOAT_DATA_FIELD_NUMBER,
            TensorProto.INT32_DATA_FIELD_NUMBER,
            TensorProto.STRING_DATA_FIELD_NUMBER,
            TensorProto.INT64_DATA_FIELD_NUMBER,
            TensorProto.RAW_DATA_FIELD_NUMBER,
            TensorProto.DOUBLE_DATA_FIELD_NUMBER,
            TensorProto.UINT64_DATA_FIELD_NUMBER);

    public OnnxOutline {
        files = List.copyOf(files);
    }

    /** @throws EngineException also when weights lie outside of the model's folder, or are missing */
    public static OnnxOutline read(Path file) throws EngineException {
        OnnxFile.checkFile(file);
        try (var in = Files.newInputStream(file)) {
            var model = OnnxFile.checked(file, model(CodedInputStream.newInstance(in)));
            var files = new ArrayList<>(List.of(file));
            files.addAll(ExternalData.files(file, model));
            return new OnnxOutline(model, files);
        } catch (InvalidProtocolBufferException broken) {
            throw OnnxFile.notWhole(file, broken);
        } catch (IOException unreadable) {
            throw OnnxFile.unreadable(file, unreadable);
        }
    }

    /** Of all that the model is made of. */
    public String sha256() throws EngineException {
        return Sha256.of(files);
    }

    private static ModelProto model(CodedInputStream in) throws IOException {
        var graph = new ArrayList<GraphProto>(1);
        var rest = UnknownFieldSet.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == ModelProto.GRAPH_FIELD_NUMBER) {
                int limit = in.pushLimit(in.readRawVarint32());
                graph.add(graph(in));
                in.popLimit(limit);
            } else {
                rest.mergeFieldFrom(tag, in);
            }
        }
        var model = ModelProto.parseFrom(rest.build().toByteString()).toBuilder();
        graph.forEach(model::setGraph);
        return model.build();
    }

    private static GraphProto graph(CodedInputStream in) throws IOException {
        var weights = new ArrayList<TensorProto>();
        var rest = UnknownFieldSet.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == GraphProto.INITIALIZER_FIELD_NUMBER) {
                int limit = in.pushLimit(in.readRawVarint32());
                weights.add(weight(in));
                in.popLimit(limit);
            } else {
                rest.mergeFieldFrom(tag, in);
            }
        }
        return GraphProto.parseFrom(rest.build().toByteString()).toBuilder()
                .addAllInitializer(weights)
                .build();
    }

    private static TensorProto weight(CodedInputStream in) throws IOException {
        var rest = UnknownFieldSet.newBuilder();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (VALUES.contains(WireFormat.getTagFieldNumber(tag))) {
                in.skipField(tag);
            } else {
                rest.mergeFieldFrom(tag, in);
            }
        }
        return TensorProto.parseFrom(rest.build().toByteString());
    }
}
