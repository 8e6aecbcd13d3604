package io.shusuan.agent.engine.graph;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import io.shusuan.agent.engine.EngineException;
import io.shusuan.agent.engine.Fault;
import io.shusuan.agent.engine.onnx.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ONNX file, with the weights that lie beside it. */
public final class OnnxFile {
    private static final String DATA_SUFFIX = ".data";
    /** Weights of a file that would be larger lie beside it: readers are slow with, or refuse, messages near 2 GiB. */
    private static final long LARGEST_SINGLE = 1L << 30;

    private OnnxFile() {}

    /** The model with all its weights in it. */
    public static ModelProto read(Path file) throws EngineException {
        checkFile(file);
        try {
            return ExternalData.inlined(file, parse(file));
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    static void checkFile(Path file) throws EngineException {
        if (!Files.isRegularFile(file)) {
            throw new EngineException(
                    Fault.UNREADABLE, "there is no file " + file + (Files.isDirectory(file) ? ": it is a folder" : ""));
        }
        try {
            if (Files.size(file) > Integer.MAX_VALUE) {
                throw new EngineException(
                        Fault.TOO_LARGE,
                        file + " has " + Files.size(file) + " bytes: an ONNX file holds less than 2 GiB");
            }
        } catch (IOException unreadable) {
            throw unreadable(file, unreadable);
        }
    }

    private static ModelProto parse(Path file) throws IOException, EngineException {
        try (var in = Files.newInputStream(file)) {
            return checked(file, ModelProto.parseFrom(in));
        } catch (InvalidProtocolBufferException broken) {
            throw notWhole(file, broken);
        }
    }

    static ModelProto checked(Path file, ModelProto model) throws EngineException {
        if (!model.hasGraph() || model.getOpsetImportCount() == 0) {
            throw new EngineException(
                    Fault.NOT_ONNX,
                    file + " is not an ONNX model: it names no " + (model.hasGraph() ? "operator set" : "graph"));
        }
        return model;
    }

    static EngineException notWhole(Path file, InvalidProtocolBufferException broken) {
        return new EngineException(
                Fault.NOT_ONNX,
                file + " is not a whole ONNX model (" + broken.getMessage()
                        + "): it is truncated, damaged or of another format; export or copy it again",
                broken);
    }

    static EngineException unreadable(Path file, IOException unreadable) {
        return new EngineException(Fault.UNREADABLE, "cannot read " + file + ": " + unreadable, unreadable);
    }

    /** Writes the same bytes for the same model: {@code file}, and beside it {@code file.data} when the weights are many. */
    public static void write(ModelProto model, Path file) throws IOException {
        write(model, file, LARGEST_SINGLE);
    }

    static void write(ModelProto model, Path file, long largestSingle) throws IOException {
        var written = model;
        if (model.getSerializedSize() > largestSingle) {
            written = ExternalData.split(model, file.resolveSibling(file.getFileName() + DATA_SUFFIX));
        }
        try (var out = Files.newOutputStream(file)) {
            var coded = CodedOutputStream.newInstance(out, 1 << 16);
            coded.useDeterministicSerialization();
            written.writeTo(coded);
            coded.flush();
        }
    }
}
